// SPDX-License-Identifier: Apache-2.0
/**
 * Ranges of bundles that the processes of one host fetch once: {@link
 * dev.lakestream.store.host.HostCache}, a folder of files and a file of locks, shared with readers
 * in Python. Promises that nothing in that folder, and nobody who uses it, can make a reader see
 * other bytes than the store's, and that whatever goes wrong costs a fetch. Knows stores and no
 * streams but by their ids; may import only {@code error} and {@code store}.
 */
@NullMarked
package dev.lakestream.store.host;

import org.jspecify.annotations.NullMarked;
