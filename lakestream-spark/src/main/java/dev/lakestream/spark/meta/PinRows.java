// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.meta;

import dev.lakestream.retention.Pin;
import dev.lakestream.retention.PinListing;
import dev.lakestream.retention.Pins;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;

/** One row for each pin, and for each object that may be one and can't be read. */
final class PinRows extends LogRows {
  private final LakeStream stream;
  private boolean isRead;

  PinRows(LakeStream stream) {
    this.stream = stream;
  }

  @Override
  boolean readMore() throws IOException {
    if (isRead) {
      return false;
    }
    isRead = true;
    PinListing listing = new Pins(stream).list();
    for (Pin pin : listing.pins()) {
      row(
          text(pin.job()),
          text(pin.checkpoint()),
          pin.from(),
          pin.to().isPresent() ? pin.to().get() : null,
          micros(pin.created()),
          text(pin.key()),
          null);
    }
    for (PinListing.BrokenPin broken : listing.broken()) {
      row(null, null, null, null, null, text(broken.object()), text(broken.problem()));
    }
    return true;
  }
}
