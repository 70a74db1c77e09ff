// SPDX-License-Identifier: Apache-2.0
/**
 * A real S3 server for tests, inside of their JVM or as a process of its own. Its credentials are
 * those of the tests' environment, which the build sets.
 */
@NullMarked
package dev.lakestream.testing.s3;

import org.jspecify.annotations.NullMarked;
