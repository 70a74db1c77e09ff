// SPDX-License-Identifier: Apache-2.0
/**
 * Commands about how long things stay: pins, progress of readers, trims, the vacuum. Turns
 * arguments into calls and reports into text; what may go is decided in the core.
 */
@NullMarked
package dev.lakestream.cli.retention;

import org.jspecify.annotations.NullMarked;
