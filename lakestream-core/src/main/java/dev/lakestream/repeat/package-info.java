// SPDX-License-Identifier: Apache-2.0
/**
 * Another epoch over steps that are still there: which steps, in which order ({@code
 * docs/format.md} §14). Knows where cells are and nothing of what is in them; a {@code producer}
 * commits what it makes.
 */
@NullMarked
package dev.lakestream.repeat;

import org.jspecify.annotations.NullMarked;
