// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.store.ObjectKey;
import java.util.Optional;

/**
 * A checkpoint of a job that needs the steps [from, to).
 *
 * @param key of its object
 * @param to empty if it needs all steps from {@code from} on
 * @param created milliseconds since 1970, by the pinner's clock
 */
public record Pin(
    ObjectKey key, String job, String checkpoint, long from, Optional<Long> to, long created) {}
