// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.Names;
import dev.lakestream.format.SealedJson;
import dev.lakestream.hadoop.fs.DocumentsBranch.Document;
import dev.lakestream.log.ProducerState;
import java.util.Optional;
import org.apache.hadoop.fs.RemoteIterator;

/** {@code producers/<name>.json}: how far each producer got. */
final class ProducerDocuments implements DocumentsBranch.Source {
  private final StreamView view;

  ProducerDocuments(StreamView view) {
    this.view = view;
  }

  @Override
  public Optional<Document> find(String name) {
    return Names.isValid(name)
        ? view.stream().producer(name).map(ProducerDocuments::document)
        : Optional.empty();
  }

  @Override
  public RemoteIterator<Document> all() {
    return Listings.of(view.stream().producers(), ProducerDocuments::document);
  }

  private static Document document(ProducerState producer) {
    ObjectNode json = SealedJson.object();
    json.put("id", producer.id())
        .put("epoch", producer.epoch())
        .put("sequence", producer.sequence())
        .put("state", producer.state())
        .put("version", producer.version())
        .put("time", producer.time())
        .put("retired", producer.retired());
    ArrayNode attachments = json.putArray("attachments");
    producer
        .attachments()
        .forEach(
            attachment ->
                attachments
                    .addObject()
                    .put("name", attachment.name())
                    .put("key", attachment.bundle().key().value())
                    .put("bytes", attachment.bundle().bytes()));
    return new Document(producer.id(), json + "\n", producer.time());
  }
}
