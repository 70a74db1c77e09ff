// SPDX-License-Identifier: Apache-2.0
/**
 * Hadoop file systems as an {@link dev.lakestream.store.ObjectStore}. Promises what that interface
 * does, or refuses the file system with the reason. May import {@code store} and {@code error} of
 * core, and never knows what the bytes mean.
 */
@NullMarked
package dev.lakestream.hadoop.store;

import org.jspecify.annotations.NullMarked;
