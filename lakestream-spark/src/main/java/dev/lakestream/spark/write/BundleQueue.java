// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.arrow.bundle.BundleResult;
import dev.lakestream.arrow.bundle.BundleResult.BundleStep;
import dev.lakestream.arrow.bundle.BundleWriter;
import dev.lakestream.log.StepRecord;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Uploads the bundles of a task in the background while the task forms the next. Two at a time: one
 * is written while the store makes the other one durable. So a task never holds more than three.
 * Not thread-safe for its callers.
 */
final class BundleQueue implements AutoCloseable {
  private static final int UPLOADS = 2;

  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          UPLOADS,
          task -> {
            Thread uploader = new Thread(task, "lakestream-upload");
            uploader.setDaemon(true);
            return uploader;
          });
  private final List<TaskSteps> done = new ArrayList<>();
  private final Deque<Upload> running = new ArrayDeque<>();
  private volatile UploadMeter uploaded = UploadMeter.NOTHING;

  /** What was uploaded elsewhere has no bundle here. */
  private record Upload(Optional<BundleWriter> bundle, Future<TaskSteps> result) {
    void close() throws IOException {
      if (bundle.isPresent()) {
        bundle.get().close();
      }
    }
  }

  /** Takes a bundle over, once there is room for it. */
  void submit(BundleWriter bundle, List<CellStats> steps) throws IOException {
    try {
      awaitAllBut(UPLOADS - 1);
    } catch (IOException | RuntimeException e) {
      bundle.close();
      throw e;
    }
    running.add(new Upload(Optional.of(bundle), threads.submit(() -> upload(bundle, steps))));
  }

  /** Takes the place of what is durable already, after all that was submitted before. */
  void add(TaskSteps durable) {
    running.add(new Upload(Optional.empty(), CompletableFuture.completedFuture(durable)));
  }

  /** What is durable, and how long that took, all uploads together. */
  UploadMeter uploaded() {
    return uploaded;
  }

  /** All steps in order, durable. */
  List<TaskSteps> finish() throws IOException {
    awaitAllBut(0);
    return List.copyOf(done);
  }

  /** Ends uploads that are still going on; their memory is free afterwards. */
  @Override
  public void close() throws IOException {
    threads.shutdownNow();
    boolean interrupted = false;
    while (true) {
      try {
        if (threads.awaitTermination(1, TimeUnit.MINUTES)) {
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
    for (Upload upload : running) {
      upload.close();
    }
    running.clear();
  }

  private void awaitAllBut(int left) throws IOException {
    while (running.size() > left) {
      done.add(await(running.getFirst().result()));
      running.removeFirst();
    }
  }

  private static TaskSteps await(Future<TaskSteps> upload) throws IOException {
    try {
      return upload.get();
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

  /** Called by the threads that upload. */
  private synchronized void addUploaded(UploadMeter done) {
    uploaded = uploaded.plus(done);
  }

  private TaskSteps upload(BundleWriter bundle, List<CellStats> stats) throws IOException {
    long began = System.nanoTime();
    try (bundle) {
      BundleResult result = bundle.finish();
      long nanos = System.nanoTime() - began;
      UploadMeter done = new UploadMeter(result.descriptor().bytes(), nanos);
      addUploaded(done);
      List<StepRecord> records = new ArrayList<>();
      for (int step = 0; step < stats.size(); step++) {
        BundleStep written = result.steps().get(step);
        records.add(stats.get(step).asRecord(written.digest()));
      }
      return new WholeBundle(result.descriptor(), records);
    }
  }
}
