// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Whole batches in one partition, which all ranks read: as one message each, or in chunks that a
 * rank puts together. A batch is there when its last chunk is, so a broken one is never seen; all
 * ranks meet the last chunks in the same order.
 */
final class MessageFeed implements BatchFeed {
  private final KafkaClients clients;
  private final String name;
  private final int chunkBytes;

  private MessageFeed(KafkaClients clients, String name, int chunkBytes) {
    this.clients = clients;
    this.name = name;
    this.chunkBytes = chunkBytes;
  }

  /** One message for each batch. */
  static MessageFeed ofWholeSteps(KafkaClients clients) {
    return new MessageFeed(clients, "Kafka, a message for each step", Integer.MAX_VALUE);
  }

  /** Messages that a broker takes without being told to. */
  static MessageFeed ofChunks(KafkaClients clients) {
    return new MessageFeed(clients, "Kafka, chunks of 512 KiB", 512 << 10);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Opened open(BatchShape shape, int producers) throws Exception {
    String topic = "batches-" + UUID.randomUUID();
    clients.create(List.of(topic), 1);
    return new Opened() {
      @Override
      public BatchProducer producer(int number) {
        return MessageFeed.this.producer(topic, number, shape);
      }

      @Override
      public RankReader reader(int rank) {
        return new Reader(clients.consumer(List.of(new TopicPartition(topic, 0))), shape, rank);
      }

      @Override
      public long storedBytes() throws Exception {
        return clients.storedBytes(List.of(topic));
      }

      @Override
      public void close() throws Exception {
        clients.delete(List.of(topic));
      }
    };
  }

  /** A producer of a topic that is there. */
  Producer producer(String topic, int number, BatchShape shape) {
    int messageBytes = (int) Math.min(chunkBytes, shape.stepBytes());
    return new Producer(
        clients.producer(messageBytes, Optional.empty()), topic, number, shape, chunkBytes);
  }

  /** Which chunk of which batch a message has: its key. */
  private record Chunk(long batch, int index, int count) {
    static final int BYTES = Long.BYTES + 2 * Integer.BYTES;

    byte[] asKey() {
      return ByteBuffer.allocate(BYTES).putLong(batch).putInt(index).putInt(count).array();
    }

    static Chunk of(byte[] key) {
      ByteBuffer bytes = ByteBuffer.wrap(key);
      return new Chunk(bytes.getLong(), bytes.getInt(), bytes.getInt());
    }
  }

  /** Sends the chunks of a batch without waiting, for as many batches as buffers hold. */
  static final class Producer implements BatchProducer {
    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final int number;
    private final byte[][] chunks;
    private final Queue<Future<RecordMetadata>> sent = new ArrayDeque<>();
    private int batches;

    Producer(
        KafkaProducer<byte[], byte[]> producer,
        String topic,
        int number,
        BatchShape shape,
        int chunkBytes) {
      this.producer = producer;
      this.topic = topic;
      this.number = number;
      int count = Math.toIntExact((shape.stepBytes() + chunkBytes - 1) / chunkBytes);
      this.chunks = new byte[count][];
      for (int i = 0; i < count; i++) {
        long left = shape.stepBytes() - (long) i * chunkBytes;
        chunks[i] = Payload.bytes((int) Math.min(chunkBytes, left));
      }
    }

    /** Sends the first half of a batch's chunks, and waits until the broker has them. */
    void sendHalf() throws ExecutionException, InterruptedException {
      sendChunks(chunks.length / 2);
      flush();
    }

    private void sendChunks(int count) {
      long batch = ((long) number << 32) | batches++;
      for (int i = 0; i < count; i++) {
        byte[] key = new Chunk(batch, i, chunks.length).asKey();
        sent.add(producer.send(new ProducerRecord<>(topic, 0, key, chunks[i])));
      }
    }

    @Override
    public void send() throws ExecutionException, InterruptedException {
      sendChunks(chunks.length);
      Iterator<Future<RecordMetadata>> oldest = sent.iterator();
      while (oldest.hasNext()) {
        Future<RecordMetadata> record = oldest.next();
        if (!record.isDone()) {
          break;
        }
        record.get();
        oldest.remove();
      }
    }

    @Override
    public void flush() throws ExecutionException, InterruptedException {
      producer.flush();
      while (!sent.isEmpty()) {
        sent.remove().get();
      }
    }

    @Override
    public void close() {
      producer.close();
    }
  }

  /** Gets whole batches, and takes the rank's slot out of them. */
  static final class Reader implements RankReader {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final long begin;
    private final long end;
    private final Map<Long, byte[][]> begun = new HashMap<>();
    private final Queue<byte[]> ready = new ArrayDeque<>();

    Reader(KafkaConsumer<byte[], byte[]> consumer, BatchShape shape, int rank) {
      this.consumer = consumer;
      this.begin = (long) rank * shape.slotBytes();
      this.end = begin + shape.slotBytes();
    }

    @Override
    public long next() {
      while (ready.isEmpty()) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          add(Chunk.of(record.key()), record.value());
        }
      }
      return ready.remove().length;
    }

    private void add(Chunk chunk, byte[] value) {
      byte[][] parts = begun.computeIfAbsent(chunk.batch(), absent -> new byte[chunk.count()][]);
      parts[chunk.index()] = value;
      for (byte[] part : parts) {
        if (part == null) {
          return;
        }
      }
      begun.remove(chunk.batch());
      ready.add(slotOf(parts));
    }

    private byte[] slotOf(byte[][] parts) {
      ByteBuffer slot = ByteBuffer.allocate(Math.toIntExact(end - begin));
      long at = 0;
      for (byte[] part : parts) {
        long from = Math.max(begin, at);
        long to = Math.min(end, at + part.length);
        if (from < to) {
          slot.put(part, (int) (from - at), (int) (to - from));
        }
        at += part.length;
      }
      return slot.array();
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
