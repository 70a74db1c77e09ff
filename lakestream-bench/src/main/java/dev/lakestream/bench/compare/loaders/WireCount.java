// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.loaders;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lakestream.bench.BenchResult;
import dev.lakestream.bench.Benchmark;
import dev.lakestream.bench.LatencyProxy;
import dev.lakestream.bench.PlainS3;
import dev.lakestream.bench.PythonProcess;
import dev.lakestream.wire.WireProxy;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What four ranks of a loader on one host ask a server for in a pass over the corpus, counted by
 * proxies that let everything pass.
 */
final class WireCount {
  private WireCount() {}

  /** Requests and bytes; nothing where there is no S3. */
  static List<BenchResult> measure(
      String bench, Benchmark.Setting setting, Corpus corpus, Collection<String> kinds)
      throws IOException {
    List<BenchResult> results = new ArrayList<>();
    Optional<URI> endpoint = PlainS3.endpoint();
    if (System.getenv(PlainS3.ROOT_VARIABLE) == null || endpoint.isEmpty()) {
      setting
          .progress()
          .accept("no requests are counted: " + PlainS3.ROOT_VARIABLE + " names no place in S3");
      return results;
    }
    String root = PlainS3.rootFromEnvironment() + "/" + UUID.randomUUID();
    setting.progress().accept("uploading the corpus");
    PythonProcess.run(setting.home(), Map.of(), "loaders.py", "upload", corpus.root(), root);
    for (String kind : kinds) {
      // A mapped file is no object.
      if (!kind.equals("dataloader")) {
        setting.progress().accept(kind + ": 4 ranks that read from S3");
        results.addAll(count(bench, setting, corpus, kind, root, endpoint.get()));
      }
    }
    return results;
  }

  private static List<BenchResult> count(
      String bench,
      Benchmark.Setting setting,
      Corpus corpus,
      String kind,
      String root,
      URI endpoint)
      throws IOException {
    try (LatencyProxy bytes = LatencyProxy.before(endpoint, Duration.ZERO);
        WireProxy requests = WireProxy.before(bytes.endpoint())) {
      JsonNode answer =
          PythonProcess.run(
              setting.home(),
              Map.of("AWS_ENDPOINT_URL", requests.endpoint().toString()),
              "loaders.py",
              "wire",
              kind,
              root,
              corpus.rows());
      if (answer.get("different rows").asInt() != corpus.rows()) {
        throw new IOException(kind + " delivered " + answer + " of " + corpus.rows() + " rows");
      }
      String variant = "4 ranks, S3, " + kind;
      return List.of(
          BenchResult.of(
              bench, variant, (double) bytes.answered() / corpus.bytes(), "bytes ÷ useful"),
          BenchResult.of(bench, variant, requests.takeRequests().size(), "requests"));
    }
  }
}
