// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Topics, producers and consumers as one would set them for large records of values that don't
 * compress: large batches and buffers, every limit of sizes lifted.
 */
final class KafkaClients {
  private static final int LIMIT = 192 << 20;
  private static final int MEBIBYTE = 1 << 20;
  private static final long SEND_BUFFER = 64L << 20;

  /** After which a broker aborts what a producer left open; the default is a minute. */
  static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(10);

  private final String address;
  private final Path logs;
  private final boolean synced;

  /**
   * @param address of the broker
   * @param logs where the broker keeps partitions
   * @param synced whether each append is forced to the disk before it is acknowledged
   */
  KafkaClients(String address, Path logs, boolean synced) {
    this.address = address;
    this.logs = logs;
    this.synced = synced;
  }

  /** What clients and topics are set to, where that is not the default. */
  static Map<String, String> describe() {
    return Map.of(
        "Kafka producers",
        "acks=all, idempotent, no compression, batches of 1 MiB, linger 5 ms, buffers of 64 MiB or"
            + " more",
        "Kafka consumers",
        "read_committed, 8 MiB of a partition a fetch; a poll returns the default, or one record where"
            + " each step has a poll",
        "Kafka topics",
        "limits of sizes lifted; flush.messages=1 where every write is synced");
  }

  private Map<String, Object> settings() {
    return Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, address);
  }

  /** Creates topics with so many partitions each. */
  void create(List<String> topics, int partitions) throws InterruptedException, ExecutionException {
    Map<String, String> configs = new HashMap<>();
    configs.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(LIMIT));
    if (synced) {
      configs.put(TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG, "1");
    }
    try (Admin admin = Admin.create(settings())) {
      admin
          .createTopics(
              topics.stream()
                  .map(
                      topic ->
                          new NewTopic(topic, Optional.of(partitions), Optional.empty())
                              .configs(configs))
                  .toList())
          .all()
          .get();
    }
  }

  void delete(List<String> topics) throws InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(settings())) {
      admin.deleteTopics(topics).all().get();
    }
  }

  /**
   * A producer that retries without doubling.
   *
   * @param messageBytes of the largest message
   * @param transactionalId of its transactions; empty if it makes none
   */
  KafkaProducer<byte[], byte[]> producer(int messageBytes, Optional<String> transactionalId) {
    Map<String, Object> settings = new HashMap<>(settings());
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, MEBIBYTE);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Math.max(SEND_BUFFER, 2L * messageBytes));
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LIMIT);
    settings.put(ProducerConfig.SEND_BUFFER_CONFIG, MEBIBYTE);
    settings.put(
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, Math.toIntExact(TRANSACTION_TIMEOUT.toMillis()));
    transactionalId.ifPresent(id -> settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id));
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** A connected consumer of what is committed, from the beginning of these partitions. */
  KafkaConsumer<byte[], byte[]> consumer(List<TopicPartition> partitions) {
    return consumer(partitions, ConsumerConfig.DEFAULT_MAX_POLL_RECORDS);
  }

  /**
   * As {@link #consumer(List)}.
   *
   * @param records that a poll returns at most; what is fetched at a time does not depend on it
   */
  KafkaConsumer<byte[], byte[]> consumer(List<TopicPartition> partitions, int records) {
    Map<String, Object> settings = new HashMap<>(settings());
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 8 * MEBIBYTE);
    settings.put(ConsumerConfig.RECEIVE_BUFFER_CONFIG, MEBIBYTE);
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, records);
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    // Else it would connect, and ask where partitions begin, only when it is asked for records.
    partitions.forEach(consumer::position);
    return consumer;
  }

  /** Bytes of what the topics' records take; segments are as long as their records. */
  long storedBytes(List<String> topics) throws IOException {
    long bytes = 0;
    for (String topic : topics) {
      // Not a walk: the broker removes partitions of deleted topics meanwhile.
      try (DirectoryStream<Path> partitions = Files.newDirectoryStream(logs, topic + "-*")) {
        for (Path partition : partitions) {
          bytes += segmentBytes(partition);
        }
      }
    }
    return bytes;
  }

  private static long segmentBytes(Path partition) throws IOException {
    long bytes = 0;
    try (DirectoryStream<Path> segments = Files.newDirectoryStream(partition, "*.log")) {
      for (Path segment : segments) {
        bytes += Files.size(segment);
      }
    }
    return bytes;
  }

  /** Bytes that came to a consumer over the network. */
  static long received(KafkaConsumer<byte[], byte[]> consumer) {
    return consumer.metrics().values().stream()
        .filter(metric -> metric.metricName().name().equals("incoming-byte-total"))
        .filter(metric -> metric.metricName().group().equals("consumer-metrics"))
        .mapToLong(metric -> ((Double) metric.metricValue()).longValue())
        .sum();
  }
}
