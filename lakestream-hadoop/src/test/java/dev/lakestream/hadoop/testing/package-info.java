// SPDX-License-Identifier: Apache-2.0
/** Real file systems of Hadoop for tests, inside of their JVM. */
@NullMarked
package dev.lakestream.hadoop.testing;

import org.jspecify.annotations.NullMarked;
