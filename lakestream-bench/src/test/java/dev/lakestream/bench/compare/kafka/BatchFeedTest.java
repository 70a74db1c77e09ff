// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.store.LocalObjectStore.Durability;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All feeds keep the promise that they are compared by, with a real broker. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BatchFeedTest {
  private static final BatchShape SHAPE = BatchShape.ofStep(4, 2 << 20);
  private static final int BATCHES = 3;

  private Path folder;
  private KafkaBroker broker;
  private KafkaClients clients;

  @BeforeAll
  void startBroker(@TempDir Path temporary) throws Exception {
    folder = temporary;
    broker = KafkaBroker.start(folder.resolve("broker"));
    clients = new KafkaClients(broker.address(), broker.logs(), true);
  }

  @AfterAll
  void stopBroker() throws Exception {
    broker.close();
  }

  private List<BatchFeed> feeds() {
    return List.of(
        StreamFeed.of(folder, Durability.PROCESS),
        StreamFeed.ofSingleSteps(folder, Durability.SYNC),
        TransactionFeed.of(clients),
        TransactionFeed.polledStepByStep(clients),
        MessageFeed.ofWholeSteps(clients),
        MessageFeed.ofChunks(clients));
  }

  @ParameterizedTest
  @MethodSource("feeds")
  void bringsEveryRankItsSlotOfEveryBatch(BatchFeed feed) throws Exception {
    try (BatchFeed.Opened open = feed.open(SHAPE, 2)) {
      for (int number = 0; number < 2; number++) {
        try (BatchFeed.BatchProducer producer = open.producer(number)) {
          for (int batch = 0; batch < BATCHES; batch++) {
            producer.send();
          }
          producer.flush();
        }
      }
      for (int rank = 0; rank < SHAPE.slots(); rank++) {
        try (BatchFeed.RankReader reader = open.reader(rank)) {
          for (int batch = 0; batch < 2 * BATCHES; batch++) {
            assertThat(reader.next()).as("batch %s", batch).isEqualTo(SHAPE.slotBytes());
          }
          assertThat(reader.received()).isGreaterThanOrEqualTo(2L * BATCHES * SHAPE.slotBytes());
        }
      }
      assertThat(open.storedBytes())
          .isBetween(2 * BATCHES * SHAPE.stepBytes(), 3 * BATCHES * SHAPE.stepBytes());
    }
  }

  /**
   * What makes the difference: with one partition every rank gets the slots of all others. And a
   * broker cuts what it sends at a number of bytes, in the middle of a record, which comes again.
   */
  @Test
  void countsWhatComesToARank() throws Exception {
    assertThat(amplification(feeds().get(0))).isBetween(1.0, 1.1);
    assertThat(amplification(TransactionFeed.of(clients))).isBetween(1.0, 1.1);
    assertThat(amplification(MessageFeed.ofWholeSteps(clients))).isBetween(4.0, 6.0);
  }

  private static double amplification(BatchFeed feed) throws Exception {
    try (BatchFeed.Opened open = feed.open(SHAPE, 1)) {
      try (BatchFeed.BatchProducer producer = open.producer(0)) {
        for (int batch = 0; batch < 8; batch++) {
          producer.send();
        }
        producer.flush();
      }
      Reading.Passes pass = Reading.measure(open, 1, 8, 1);
      assertThat(pass.mean())
          .as("microseconds a batch, of which the first one has its share")
          .isGreaterThanOrEqualTo(pass.first() / 8);
      assertThat(pass.p50()).isLessThanOrEqualTo(pass.p99());
      return pass.amplification();
    }
  }

  @Test
  void measuresWhatABatchTakesToSendAndToArrive() throws Exception {
    BatchFeed stream = feeds().get(0);
    assertThat(Ingestion.measure(stream, SHAPE, 2, 2)).isPositive();
    try (BatchFeed.Opened open = stream.open(SHAPE, 1)) {
      double[] ages = Freshness.measure(open, 4);
      assertThat(ages[0]).isPositive().isLessThanOrEqualTo(ages[1]);
    }
  }

  @Test
  void aProducerThatIsKilledHoldsUpWhoeverSharesItsPartitions() throws Exception {
    String topic = "slots-" + UUID.randomUUID();
    clients.create(List.of(topic), Killing.SHAPE.slots());
    Killing.Outcome outcome =
        Killing.measure(
            new Killing.Target("transaction", broker.address(), topic),
            () -> new TransactionFeed.Producer(Killing.SHAPE, topic, topic + "-2", clients),
            () ->
                new TransactionFeed.Reader(
                    clients.consumer(List.of(new TopicPartition(topic, 0))), List.of(topic)));
    assertThat(outcome.seconds())
        .as("until the broker gives the dead transaction up")
        .isGreaterThan(KafkaClients.TRANSACTION_TIMEOUT.toSeconds() / 2.0);
  }

  @Test
  void aKilledProducersChunksComeToEveryRank() throws Exception {
    String topic = "batches-" + UUID.randomUUID();
    clients.create(List.of(topic), 1);
    MessageFeed chunks = MessageFeed.ofChunks(clients);
    Killing.Outcome outcome =
        Killing.measure(
            new Killing.Target("chunks", broker.address(), topic),
            () -> chunks.producer(topic, 2, Killing.SHAPE),
            () ->
                new MessageFeed.Reader(
                    clients.consumer(List.of(new TopicPartition(topic, 0))), Killing.SHAPE, 0));
    assertThat(outcome.amplification()).isGreaterThan(1.5 * Killing.SHAPE.slots());
  }

  @Test
  void aKilledProducerOfAStreamHoldsUpNobody() throws Exception {
    StreamFeed stream = StreamFeed.of(folder, Durability.PROCESS);
    try (StreamFeed.OneStream open = stream.open(Killing.SHAPE, 1)) {
      Killing.Outcome outcome =
          Killing.measure(
              new Killing.Target("stream", open.root().toString(), "-"),
              () -> open.producer(0),
              () -> open.reader(0));
      assertThat(outcome.amplification()).isLessThan(1.1);
    }
  }

  @Test
  void aBrokersDefaultsTakeNoLargeBatch() throws Exception {
    assertThat(MessageLimit.largest(broker.address())).isEqualTo(512 << 10);
  }
}
