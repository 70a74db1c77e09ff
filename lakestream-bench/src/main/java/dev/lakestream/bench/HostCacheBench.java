// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;

/**
 * {@code bench host-cache}: four processes of one host that read the same steps from S3, as peers
 * along tensor or pipeline parallelism do, through a cache and without one, in turn. The processes
 * are Python's, {@code host_cache.py}.
 */
public final class HostCacheBench implements Benchmark {
  private static final int PEERS = 4;

  /** 16 cells of 256 KiB, 8 steps in a bundle of 32 MiB. */
  private static final TokenStream STREAM = new TokenStream(2048, 32, 16, 8, 8);

  @Override
  public String name() {
    return "host-cache";
  }

  @Override
  public List<BenchResult> run(Setting setting) throws Exception {
    String root = PlainS3.rootFromEnvironment() + "/" + UUID.randomUUID();
    TokenStream tokens = STREAM.inBundles((int) Math.max(2, STREAM.bundles() * setting.scale()));
    setting
        .progress()
        .accept("writing " + ((tokens.stepBytes() * tokens.totalSteps()) >> 20) + " MiB");
    try (ObjectStore store = ObjectStores.open(root, Map.of())) {
      tokens.write(store);
    }
    setting.progress().accept("measuring " + PEERS + " peers");
    JsonNode figures = python(setting, root);
    return List.of(
        BenchResult.against(
                name(),
                PEERS + " peers of one rank",
                "MB/s each",
                doubles(figures.get("cached")),
                "each fetches for itself",
                doubles(figures.get("plain")))
            .with(Map.of("share of ranges from another peer", figures.get("shared").asDouble())));
  }

  private static JsonNode python(Setting setting, String root)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                setting.home().resolve("lakestream-python/target/venv/bin/python").toString(),
                setting.home().resolve("lakestream-bench/src/main/python/host_cache.py").toString(),
                "peers",
                root,
                Integer.toString(PEERS),
                Integer.toString(setting.runs()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    byte[] answer = process.getInputStream().readAllBytes();
    if (process.waitFor() != 0) {
      throw new IOException("host_cache.py failed; what it said is above");
    }
    return new ObjectMapper().readTree(answer);
  }

  private static List<Double> doubles(JsonNode node) {
    return StreamSupport.stream(node.spliterator(), false).map(JsonNode::asDouble).toList();
  }
}
