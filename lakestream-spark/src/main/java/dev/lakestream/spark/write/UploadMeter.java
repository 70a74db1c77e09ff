// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import java.io.Serializable;

/** What uploads were, so far or in all. */
record UploadMeter(long bytes, long nanos) implements Serializable {
  static final UploadMeter NOTHING = new UploadMeter(0, 0);

  UploadMeter plus(UploadMeter other) {
    return new UploadMeter(bytes + other.bytes, nanos + other.nanos);
  }

  UploadMeter minus(UploadMeter before) {
    return new UploadMeter(bytes - before.bytes, nanos - before.nanos);
  }
}
