// SPDX-License-Identifier: Apache-2.0

/** Does the simulator find nothing where nothing is wrong, and something where something is? */
@NullMarked
package dev.lakestream.simulator;

import org.jspecify.annotations.NullMarked;
