// SPDX-License-Identifier: Apache-2.0
/**
 * {@code lakestream verify}: reads a whole stream and checks every invariant that can be checked
 * from outside. It goes on after a fault, so that one run tells all that is wrong.
 */
@NullMarked
package dev.lakestream.cli.verify;

import org.jspecify.annotations.NullMarked;
