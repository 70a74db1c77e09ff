// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.format.Digest;
import dev.lakestream.store.ObjectKey;

/** Which object a segment is, and what its bytes must be. */
public record SegmentLocation(ObjectKey key, int bytes, Digest sha256) {}
