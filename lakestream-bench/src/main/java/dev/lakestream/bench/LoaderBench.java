// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;

/**
 * {@code bench loader}: what a training loop in Python sees. How long it waits for data at steps of
 * 50 ms, bytes a second beside a plain parallel download by the same client, anonymous memory, and
 * round trips from opening to the first batch. On local files and, where {@code
 * LAKESTREAM_BENCH_S3} names a place, on S3 with 20 ms of latency added.
 *
 * <p>Each measurement has a Python process of its own, {@code loader.py}.
 */
public final class LoaderBench implements Benchmark {
  private static final Duration LATENCY = Duration.ofMillis(20);
  private static final int STEPS = 10_000;
  private static final int WAITS = 600;
  private static final int LONG_HISTORY = 1_000_000;
  private static final double MAX_UNSCALED = 1;

  /** Many small steps: 16 cells of 8 KiB, 256 steps in a bundle of 32 MiB. */
  private static final TokenStream SMALL = new TokenStream(2048, 1, 16, 256, 1);

  /** Few large ones: 16 cells of 1 MiB, 4 steps in a bundle of 64 MiB. */
  private static final TokenStream LARGE = new TokenStream(2048, 128, 16, 4, 1);

  private final ObjectMapper json = new ObjectMapper();

  @Override
  public String name() {
    return "loader";
  }

  @Override
  public List<BenchResult> run(Setting setting) throws Exception {
    List<BenchResult> results = new ArrayList<>();
    Path folder = setting.folder();
    results.addAll(measure(setting, "local", folder.toString(), Optional.empty()));
    Optional<String> endpoint = Optional.ofNullable(System.getenv("AWS_ENDPOINT_URL"));
    if (System.getenv(PlainS3.ROOT_VARIABLE) != null && endpoint.isPresent()) {
      String root = PlainS3.rootFromEnvironment() + "/" + UUID.randomUUID();
      try (LatencyProxy proxy = LatencyProxy.before(URI.create(endpoint.get()), LATENCY)) {
        results.addAll(measure(setting, "S3 + 20 ms", root, Optional.of(proxy.endpoint())));
      }
    }
    return results;
  }

  private List<BenchResult> measure(
      Setting setting, String where, String root, Optional<URI> endpoint) throws Exception {
    double scale = scaleOf(setting);
    String small = root + "/small";
    String large = root + "/large";
    int steps = (int) Math.max(SMALL.steps(), STEPS * scale);
    write(setting, small, SMALL.inBundles(steps / SMALL.steps() + 1));
    write(setting, large, LARGE.inBundles((int) Math.max(2, 16 * scale)));
    int waits = (int) Math.max(20, Math.min(WAITS * scale, steps - 32));
    List<BenchResult> results = new ArrayList<>();
    JsonNode wait = python(setting, endpoint, "wait", small, waits);
    results.add(
        BenchResult.of(name(), where + ", p99 of waiting", wait.get("p99").asDouble(), "ms")
            .with(figures(wait)));
    JsonNode rate = python(setting, endpoint, "rate", large, 0);
    results.add(
        BenchResult.against(
            name(),
            where + ", a pass",
            "MB/s",
            doubles(rate.get("ours")),
            "plain download",
            doubles(rate.get("plain"))));
    results.add(
        BenchResult.of(
            name(),
            where + ", processor time of a pass by that of a plain download",
            "",
            doubles(rate.get("cpu"))));
    JsonNode memory = python(setting, endpoint, "memory", small, steps);
    results.add(
        BenchResult.of(
                name(), where + ", anonymous memory", memory.get("second half").asDouble(), "MB")
            .with(figures(memory)));
    if (endpoint.isPresent()) {
      results.addAll(openings(setting, endpoint, root));
    }
    return results;
  }

  /** Where requests take long enough to tell what waits for what. */
  private List<BenchResult> openings(Setting setting, Optional<URI> endpoint, String root)
      throws Exception {
    List<BenchResult> results = new ArrayList<>();
    long history = Math.max(2L * SMALL.steps(), (long) (LONG_HISTORY * scaleOf(setting)));
    String small = root + "/history";
    setting.progress().accept("writing a history of " + history + " steps");
    try (ObjectStore store = ObjectStores.open(small, Map.of())) {
      SMALL.inBundles(2).writeAround(history, store);
    }
    for (int step : new int[] {10, (int) history + SMALL.steps() - 10}) {
      JsonNode opening = python(setting, endpoint, "open", small, step);
      results.add(
          BenchResult.of(
                  name(),
                  "S3 + 20 ms, open at step " + step,
                  opening.get("round trips").asDouble(),
                  "round trips")
              .with(figures(opening)));
    }
    return results;
  }

  private static double scaleOf(Setting setting) {
    return Math.min(MAX_UNSCALED, setting.scale());
  }

  private static void write(Setting setting, String root, TokenStream tokens) throws Exception {
    setting
        .progress()
        .accept("writing " + ((tokens.stepBytes() * tokens.totalSteps()) >> 20) + " MiB");
    if (root.startsWith("s3:")) {
      try (ObjectStore store = ObjectStores.open(root, Map.of())) {
        tokens.write(store);
      }
    } else {
      try (ObjectStore store =
          LocalObjectStore.at(Path.of(root), LocalObjectStore.Durability.PROCESS)) {
        tokens.write(store);
      }
    }
  }

  private JsonNode python(
      Setting setting, Optional<URI> endpoint, String what, String root, int number)
      throws IOException, InterruptedException {
    setting.progress().accept("measuring: " + what + " " + root);
    Path home = setting.home();
    ProcessBuilder builder =
        new ProcessBuilder(
            home.resolve("lakestream-python/target/venv/bin/python").toString(),
            home.resolve("lakestream-bench/src/main/python/loader.py").toString(),
            what,
            root,
            Integer.toString(number));
    endpoint.ifPresent(uri -> builder.environment().put("AWS_ENDPOINT_URL", uri.toString()));
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    byte[] answer = process.getInputStream().readAllBytes();
    if (process.waitFor() != 0) {
      throw new IOException("loader.py " + what + " failed; what it said is above");
    }
    return json.readTree(answer);
  }

  private static Map<String, Double> figures(JsonNode node) {
    Map<String, Double> figures = new LinkedHashMap<>();
    node.properties().forEach(field -> figures.put(field.getKey(), field.getValue().asDouble()));
    return figures;
  }

  private static List<Double> doubles(JsonNode node) {
    return StreamSupport.stream(node.spliterator(), false).map(JsonNode::asDouble).toList();
  }
}
