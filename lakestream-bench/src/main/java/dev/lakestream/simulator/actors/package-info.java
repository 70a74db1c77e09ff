// SPDX-License-Identifier: Apache-2.0

/**
 * Who acts in a simulated world: producers, readers, folders, operators, each with the code of the
 * protocol as its users call it. Promises to tell the checker truthfully what it was told; judges
 * nothing itself but that failures are documented ones.
 */
@NullMarked
package dev.lakestream.simulator.actors;

import org.jspecify.annotations.NullMarked;
