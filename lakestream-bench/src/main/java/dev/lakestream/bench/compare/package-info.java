// SPDX-License-Identifier: Apache-2.0

/** What is measured side by side with what people use today; one package for each peer. */
@NullMarked
package dev.lakestream.bench.compare;

import org.jspecify.annotations.NullMarked;
