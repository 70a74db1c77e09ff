// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/** How old a batch is when a rank that waits for it gets it. */
final class Freshness {
  private static final long INTERVAL = 50_000_000;

  private Freshness() {}

  /**
   * One producer sends a batch every 50 ms, one rank waits for each.
   *
   * @return p50 and p99 of the milliseconds from handing a batch to the producer until the rank has
   *     its slot
   */
  static double[] measure(BatchFeed.Opened open, int batches) throws Exception {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (BatchFeed.BatchProducer producer = open.producer(0);
        BatchFeed.RankReader reader = open.reader(0)) {
      long[] sent = new long[batches];
      Callable<double[]> reading = () -> ages(reader, sent);
      send(producer);
      reader.next();
      Future<double[]> ages = threads.submit(reading);
      long begin = System.nanoTime();
      for (int batch = 0; batch < batches; batch++) {
        long due = begin + batch * INTERVAL;
        for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
          LockSupport.parkNanos(due - now);
        }
        synchronized (sent) {
          sent[batch] = System.nanoTime();
        }
        send(producer);
      }
      double[] sorted = ages.get();
      Arrays.sort(sorted);
      return new double[] {Reading.percentile(sorted, 0.5), Reading.percentile(sorted, 0.99)};
    } finally {
      threads.shutdownNow();
    }
  }

  private static void send(BatchFeed.BatchProducer producer) throws Exception {
    producer.send();
    producer.flush();
  }

  private static double[] ages(BatchFeed.RankReader reader, long[] sent) throws Exception {
    double[] ages = new double[sent.length];
    for (int batch = 0; batch < sent.length; batch++) {
      reader.next();
      long now = System.nanoTime();
      synchronized (sent) {
        ages[batch] = (now - sent[batch]) / 1e6;
      }
    }
    return ages;
  }
}
