// SPDX-License-Identifier: Apache-2.0

/** Benchmarks, and the simulator that runs many producers in virtual time. */
@NullMarked
package dev.lakestream.bench;

import org.jspecify.annotations.NullMarked;
