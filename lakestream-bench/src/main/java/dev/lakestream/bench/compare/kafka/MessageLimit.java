// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** How large a message may be at a broker whose limits nobody has lifted. */
final class MessageLimit {
  private static final int LARGEST_TRIED = 64 << 20;

  private MessageLimit() {}

  /** The largest power of two of bytes that is taken. */
  static int largest(String address) throws ExecutionException, InterruptedException {
    String topic = "limit-" + UUID.randomUUID();
    Map<String, Object> settings =
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            address,
            ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
            2 * LARGEST_TRIED,
            ProducerConfig.BUFFER_MEMORY_CONFIG,
            2L * LARGEST_TRIED);
    try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, address));
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      admin
          .createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty())))
          .all()
          .get();
      int taken = 0;
      for (int bytes = 64 << 10; bytes <= LARGEST_TRIED; bytes *= 2) {
        try {
          producer.send(new ProducerRecord<>(topic, new byte[bytes])).get();
          taken = bytes;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RecordTooLargeException) {
            return taken;
          }
          throw e;
        }
      }
      return taken;
    }
  }
}
