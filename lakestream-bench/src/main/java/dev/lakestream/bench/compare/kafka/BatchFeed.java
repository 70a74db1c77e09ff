// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

/**
 * One way to bring global batches from producers to ranks: a batch is visible to all ranks or to
 * none, and all ranks get the batches in the same order.
 */
interface BatchFeed {
  /** As in tables. */
  String name();

  /** Begins anew, without batches. */
  Opened open(BatchShape shape, int producers) throws Exception;

  /** Batches of one shape. Producers and readers may be used by a thread each. */
  interface Opened extends AutoCloseable {
    /**
     * One of the producers.
     *
     * @param number from 0; each is opened once
     */
    BatchProducer producer(int number) throws Exception;

    /** A rank, from the first batch on; each of the D ranks gets one slot of every batch. */
    RankReader reader(int rank) throws Exception;

    /** Bytes that all batches take on the disk. */
    long storedBytes() throws Exception;

    @Override
    void close() throws Exception;
  }

  /** Sends batches. */
  interface BatchProducer extends AutoCloseable {
    /** Sends a batch; it may become visible later. */
    void send() throws Exception;

    /** Returns once all that was sent is visible, and as durable as the feed makes it. */
    void flush() throws Exception;

    @Override
    void close() throws Exception;
  }

  /** A rank that reads. */
  interface RankReader extends AutoCloseable {
    /** Waits for the next batch, and reads the rank's slot of it; returns its bytes. */
    long next() throws Exception;

    /** Bytes that came from broker or store so far. */
    long received();

    @Override
    void close() throws Exception;
  }
}
