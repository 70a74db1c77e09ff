// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.time.Instant;

/**
 * What a store says of an object without reading it.
 *
 * @param size in bytes
 * @param lastModified by the store's own clock
 */
public record ObjectInfo(ObjectKey key, long size, Instant lastModified) {}
