// SPDX-License-Identifier: Apache-2.0
/**
 * The errors of Lakestream, named by what the caller may do next. Imports nothing of the other
 * packages, so that every package can use it.
 */
@NullMarked
package dev.lakestream.error;

import org.jspecify.annotations.NullMarked;
