// SPDX-License-Identifier: Apache-2.0
/**
 * Forks of a stream: made, listed, deleted ({@code docs/format.md} §13). Reading through a fork is
 * the business of {@code stream}. What a fork needs of its parent is held by a pin of {@code
 * retention}, like that of any checkpoint. May import what is below {@code retention}, and that;
 * must know nothing of bundles.
 */
@NullMarked
package dev.lakestream.fork;

import org.jspecify.annotations.NullMarked;
