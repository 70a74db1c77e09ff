// SPDX-License-Identifier: Apache-2.0
/**
 * Bytes under keys: {@link dev.lakestream.store.ObjectStore} with its six operations and the local
 * directory as the embedded default. Knows nothing of streams, logs or Arrow; may import only
 * {@code error}.
 */
@NullMarked
package dev.lakestream.store;

import org.jspecify.annotations.NullMarked;
