// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import dev.lakestream.bench.TokenBundles;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * A producer, as a process of its own, that sends half of a batch, says so, and waits to be killed.
 * Of a stream that is a bundle which was uploaded, and not committed.
 */
final class HalfBatch {
  /** What it prints once the broker or the store has half of a batch. */
  static final String SENT = "half of a batch is sent";

  private HalfBatch() {}

  /** {@code transaction|chunks|stream ADDRESS|FOLDER TOPIC SLOTS SLOT_BYTES}. */
  public static void main(String[] arguments) throws Exception {
    BatchShape shape =
        new BatchShape(Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
    switch (arguments[0]) {
      case "transaction" -> sendSlots(arguments[1], arguments[2], shape);
      case "chunks" -> sendChunks(arguments[1], arguments[2], shape);
      case "stream" -> uploadSlots(Path.of(arguments[1]), shape);
      default -> throw new IllegalArgumentException("there is no " + arguments[0]);
    }
  }

  private static void sendSlots(String address, String topic, BatchShape shape) throws Exception {
    KafkaClients clients = new KafkaClients(address, Path.of(""), false);
    try (TransactionFeed.Producer producer =
        new TransactionFeed.Producer(shape, topic, topic + "-dying", clients)) {
      for (Future<RecordMetadata> sent : producer.sendSlots(shape.slots() / 2)) {
        sent.get();
      }
      awaitDeath();
    }
  }

  private static void sendChunks(String address, String topic, BatchShape shape) throws Exception {
    KafkaClients clients = new KafkaClients(address, Path.of(""), false);
    try (MessageFeed.Producer producer = MessageFeed.ofChunks(clients).producer(topic, 1, shape)) {
      producer.sendHalf();
      awaitDeath();
    }
  }

  private static void uploadSlots(Path root, BatchShape shape)
      throws IOException, InterruptedException {
    try (ObjectStore store = LocalObjectStore.at(root, LocalObjectStore.Durability.PROCESS)) {
      LakeStream stream = LakeStream.open(store);
      ProducerSession session = ProducerSession.open(stream, "dying");
      try (TokenBundles uploads =
          new TokenBundles(stream, BatchShape.ROW_BYTES / 4, shape.rows(), shape.slots())) {
        uploads.upload(session, 1);
        awaitDeath();
      }
    }
  }

  private static void awaitDeath() throws IOException {
    System.out.println(SENT);
    if (System.in.read() < 0) {
      throw new IOException("whoever wanted to kill this process is gone");
    }
  }
}
