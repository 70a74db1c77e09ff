// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How fast producers bring batches to where ranks see them. */
final class Ingestion {
  private Ingestion() {}

  /**
   * All producers at once, each with its share of the batches.
   *
   * @param batches of each producer
   * @return seconds from the first batch until the last one is visible
   */
  static double measure(BatchFeed feed, BatchShape shape, int producers, int batches)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(producers);
    List<BatchFeed.BatchProducer> opened = new ArrayList<>();
    try (BatchFeed.Opened open = feed.open(shape, producers)) {
      for (int number = 0; number < producers; number++) {
        opened.add(open.producer(number));
      }
      long begin = System.nanoTime();
      List<Future<Void>> work = new ArrayList<>();
      for (BatchFeed.BatchProducer producer : opened) {
        Callable<Void> sending = () -> send(producer, batches);
        work.add(threads.submit(sending));
      }
      for (Future<Void> sent : work) {
        sent.get();
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      for (BatchFeed.BatchProducer producer : opened) {
        producer.close();
      }
      return seconds;
    } finally {
      threads.shutdownNow();
    }
  }

  private static Void send(BatchFeed.BatchProducer producer, int batches) throws Exception {
    for (int batch = 0; batch < batches; batch++) {
      producer.send();
    }
    producer.flush();
    return null;
  }
}
