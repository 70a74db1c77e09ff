// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * A transaction for each batch over D partitions, a slot in each. Transactions of several producers
 * on the same partitions would come in different orders on different partitions, so each producer
 * has a topic of its own, and all ranks take batches from the topics in turn.
 */
final class TransactionFeed implements BatchFeed {
  private final KafkaClients clients;
  private final String name;
  private final int recordsOfPoll;

  private TransactionFeed(KafkaClients clients, String name, int recordsOfPoll) {
    this.clients = clients;
    this.name = name;
    this.recordsOfPoll = recordsOfPoll;
  }

  /** Ranks poll as consumers do by default: a poll brings what is fetched, hundreds of records. */
  static TransactionFeed of(KafkaClients clients) {
    return new TransactionFeed(
        clients, "Kafka, a transaction for each step", ConsumerConfig.DEFAULT_MAX_POLL_RECORDS);
  }

  /** Ranks poll for each step: fetched as by default, but a poll gives one record. */
  static TransactionFeed polledStepByStep(KafkaClients clients) {
    return new TransactionFeed(clients, "Kafka, a transaction and a poll for each step", 1);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Opened open(BatchShape shape, int producers) throws Exception {
    String id = UUID.randomUUID().toString();
    List<String> topics =
        IntStream.range(0, producers).mapToObj(number -> "slots-" + id + "-" + number).toList();
    clients.create(topics, shape.slots());
    return new Topics(shape, topics);
  }

  /** Topics of batches, one for each producer. */
  private final class Topics implements Opened {
    private final BatchShape shape;
    private final List<String> topics;

    Topics(BatchShape shape, List<String> topics) {
      this.shape = shape;
      this.topics = topics;
    }

    @Override
    public BatchProducer producer(int number) {
      return new Producer(shape, topics.get(number), topics.get(number), clients);
    }

    @Override
    public RankReader reader(int rank) {
      List<TopicPartition> partitions =
          topics.stream().map(topic -> new TopicPartition(topic, rank)).toList();
      return new Reader(clients.consumer(partitions, recordsOfPoll), topics);
    }

    @Override
    public long storedBytes() throws Exception {
      return clients.storedBytes(topics);
    }

    @Override
    public void close() throws Exception {
      clients.delete(topics);
    }
  }

  /** Sends the slots of a batch, and commits them together. */
  static final class Producer implements BatchProducer {
    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final int slots;
    private final byte[] slot;

    Producer(BatchShape shape, String topic, String transactionalId, KafkaClients clients) {
      this.producer = clients.producer(shape.slotBytes(), Optional.of(transactionalId));
      this.topic = topic;
      this.slots = shape.slots();
      this.slot = Payload.bytes(shape.slotBytes());
      producer.initTransactions();
    }

    @Override
    public void send() throws Exception {
      List<Future<RecordMetadata>> sent = sendSlots(slots);
      producer.commitTransaction();
      for (Future<RecordMetadata> record : sent) {
        record.get();
      }
    }

    /** Begins a transaction and sends some of its slots. */
    List<Future<RecordMetadata>> sendSlots(int count) {
      producer.beginTransaction();
      List<Future<RecordMetadata>> sent = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        sent.add(producer.send(new ProducerRecord<>(topic, i, null, slot)));
      }
      return sent;
    }

    @Override
    public void flush() {
      producer.flush();
    }

    @Override
    public void close() {
      producer.close();
    }
  }

  /** Takes the rank's slots from the producers' topics in turn. */
  static final class Reader implements RankReader {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<String> topics;
    private final List<Queue<byte[]>> waiting = new ArrayList<>();
    private int turn;

    /**
     * A rank.
     *
     * @param consumer of its partition of each topic
     */
    Reader(KafkaConsumer<byte[], byte[]> consumer, List<String> topics) {
      this.consumer = consumer;
      this.topics = topics;
      topics.forEach(topic -> waiting.add(new ArrayDeque<>()));
    }

    @Override
    public long next() {
      Queue<byte[]> own = waiting.get(turn);
      while (own.isEmpty()) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          waiting.get(topics.indexOf(record.topic())).add(record.value());
        }
      }
      turn = (turn + 1) % topics.size();
      return own.remove().length;
    }

    @Override
    public long received() {
      return KafkaClients.received(consumer);
    }

    @Override
    public void close() {
      consumer.close();
    }
  }
}
