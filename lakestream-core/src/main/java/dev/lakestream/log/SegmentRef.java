// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.format.Digest;
import dev.lakestream.store.ObjectKey;

/** A segment that holds bundles and steps of a commit. */
public record SegmentRef(ObjectKey key, int bytes, Digest sha256, Totals totals) {}
