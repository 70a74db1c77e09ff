// SPDX-License-Identifier: Apache-2.0
/**
 * Forks of a stream: made, listed, deleted ({@code docs/format.md} §13). Reading through a fork is
 * the business of {@code stream}. May import what is below {@code producer}, and that; must know
 * nothing of bundles.
 */
@NullMarked
package dev.lakestream.fork;

import org.jspecify.annotations.NullMarked;
