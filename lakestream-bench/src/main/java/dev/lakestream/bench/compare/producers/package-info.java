// SPDX-License-Identifier: Apache-2.0

/**
 * What producers bring into one stream together, under several commit policies: real processes, and
 * more of them in virtual time, where the simulation of {@code dev.lakestream.bench.dac} takes
 * over.
 */
@NullMarked
package dev.lakestream.bench.compare.producers;

import org.jspecify.annotations.NullMarked;
