// SPDX-License-Identifier: Apache-2.0

/**
 * A training loop whose DataLoader tokenizes in its workers, beside the same loop fed by a stream.
 * Tokenizes in Java, in a process of its own, what the workers tokenize in Python; may import the
 * benchmarks and the writers' API. Knows nothing of the loop: that is in {@code colocated.py}.
 */
@NullMarked
package dev.lakestream.bench.compare.colocated;

import org.jspecify.annotations.NullMarked;
