// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.store.ObjectUpload;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Uploads an object as bundles are; beside it, a plain multipart upload of the same bytes. */
public final class S3WriteBench implements Benchmark {
  private static final String NAME = "s3-write";
  private static final int PART = 8 << 20;
  private static final int PARTS = 24;
  private static final int UNDER_WAY = 4;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<BenchResult> run(Setting setting) throws IOException {
    URI root = URI.create(PlainS3.rootFromEnvironment() + "/" + UUID.randomUUID());
    int parts = Math.max(2, (int) (PARTS * setting.scale()));
    byte[] part = new byte[PART];
    new Random(1).nextBytes(part);
    ExecutorService executor = Executors.newFixedThreadPool(UNDER_WAY);
    try (ObjectStore store = ObjectStores.open(root.toString(), Map.of());
        PlainS3 plain = new PlainS3(root)) {
      List<Double> ours = new ArrayList<>();
      List<Double> theirs = new ArrayList<>();
      for (int run = -1; run < setting.runs(); run++) {
        setting.progress().accept(run < 0 ? "Warming up" : "Run " + (run + 1));
        ObjectKey our = ObjectKey.of("data/ours-" + (run + 1));
        ObjectKey their = ObjectKey.of("data/theirs-" + (run + 1));
        long begin = System.nanoTime();
        upload(store, our, part, parts);
        long middle = System.nanoTime();
        plain.uploadParts(their.value(), part, parts, executor);
        long end = System.nanoTime();
        store.delete(our);
        store.delete(their);
        if (run >= 0) {
          ours.add(megabytes(parts) / ((middle - begin) / 1e9));
          theirs.add(megabytes(parts) / ((end - middle) / 1e9));
        }
      }
      return List.of(
          BenchResult.against(
              NAME, parts + " parts of 8 MiB", "MB/s", ours, "plain multipart upload", theirs));
    } finally {
      executor.shutdownNow();
    }
  }

  private static void upload(ObjectStore store, ObjectKey key, byte[] part, int parts)
      throws IOException {
    try (ObjectUpload upload = store.upload(key)) {
      for (int i = 0; i < parts; i++) {
        upload.write(ByteBuffer.wrap(part));
      }
      upload.finish();
    }
  }

  private static double megabytes(int parts) {
    return PART * (double) parts / 1e6;
  }
}
