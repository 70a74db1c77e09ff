// SPDX-License-Identifier: Apache-2.0

/**
 * The same rows of tokens through Python loaders that people use today, and what they lose or
 * repeat on a resume. Runs them in Python processes of the peers' own environment; may import the
 * benchmarks and the writers' API. Knows nothing of how a loader works: that is in {@code
 * loader_kinds.py}.
 */
@NullMarked
package dev.lakestream.bench.compare.loaders;

import org.jspecify.annotations.NullMarked;
