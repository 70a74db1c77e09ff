// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.time.Instant;
import java.util.Optional;

/**
 * An upload that was begun and neither finished nor aborted; perhaps nobody is left to do either.
 *
 * @param id what the store calls it; means nothing to anybody else
 * @param key where it was to become visible, if the store knows that before the end
 * @param bytes how much space it takes; 0 if the store does not say
 * @param lastTouched by the store's own clock: when it was last written to, or begun if the store
 *     does not remember more
 */
public record PendingUpload(String id, Optional<ObjectKey> key, long bytes, Instant lastTouched) {}
