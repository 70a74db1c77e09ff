// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleResult.BundleStep;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.log.StepRecord;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Uploads the bundles of a task in the background, one at a time, while the task forms the next. So
 * a task never holds more than two. Not thread-safe for its callers.
 */
final class BundleQueue implements AutoCloseable {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread uploader = new Thread(task, "lakestream-upload");
            uploader.setDaemon(true);
            return uploader;
          });
  private final List<WholeBundle> done = new ArrayList<>();
  private Optional<Upload> running = Optional.empty();

  private record Upload(BundleWriter bundle, Future<WholeBundle> result) {}

  /** Takes a bundle over, once the one before is durable. */
  void submit(BundleWriter bundle, List<CellStats> steps) throws IOException {
    try {
      await();
    } catch (IOException | RuntimeException e) {
      bundle.close();
      throw e;
    }
    running = Optional.of(new Upload(bundle, thread.submit(() -> upload(bundle, steps))));
  }

  /** All bundles in order, durable. */
  List<WholeBundle> finish() throws IOException {
    await();
    return List.copyOf(done);
  }

  /** Ends an upload that is still going on; its memory is free afterwards. */
  @Override
  public void close() throws IOException {
    thread.shutdownNow();
    boolean interrupted = false;
    while (true) {
      try {
        if (thread.awaitTermination(1, TimeUnit.MINUTES)) {
          break;
        }
      } catch (InterruptedException e) {
        // The upload uses memory that is about to be freed: it must end first.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    // An upload that was still waiting has let go of nothing.
    if (running.isPresent()) {
      running.get().bundle().close();
      running = Optional.empty();
    }
  }

  private void await() throws IOException {
    if (running.isEmpty()) {
      return;
    }
    try {
      done.add(running.get().result().get());
      running = Optional.empty();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw new IOException("a bundle was not uploaded: " + e.getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a bundle was uploaded");
    }
  }

  private static WholeBundle upload(BundleWriter bundle, List<CellStats> stats) throws IOException {
    try (bundle) {
      BundleResult result = bundle.finish();
      List<StepRecord> records = new ArrayList<>();
      for (int step = 0; step < stats.size(); step++) {
        BundleStep written = result.steps().get(step);
        records.add(stats.get(step).asRecord(written.digest()));
      }
      return new WholeBundle(result.descriptor(), records);
    }
  }
}
