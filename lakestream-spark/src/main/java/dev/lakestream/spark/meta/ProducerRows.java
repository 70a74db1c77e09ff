// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.meta;

import dev.lakestream.log.Attachment;
import dev.lakestream.log.ProducerState;
import dev.lakestream.stream.LakeStream;

/** One row for each producer that there ever was. */
final class ProducerRows extends LogRows {
  private final LakeStream stream;
  private boolean isRead;

  ProducerRows(LakeStream stream) {
    this.stream = stream;
  }

  @Override
  boolean readMore() {
    if (isRead) {
      return false;
    }
    isRead = true;
    stream.producers().forEach(this::add);
    return true;
  }

  private void add(ProducerState producer) {
    row(
        text(producer.id()),
        producer.epoch(),
        producer.sequence(),
        producer.version(),
        micros(producer.time()),
        producer.retired(),
        texts(producer.attachments().stream().map(Attachment::name).toList()),
        text(producer.state()));
  }
}
