// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.Digest;
import dev.lakestream.format.SealedJson;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.ContentJson;
import dev.lakestream.store.LocalObjectStore;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.PutResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What we avoid: one manifest that lists all commits, a JSON line each, and is put anew, as the
 * next version, by each commit. The committer keeps the bytes, so that it only appends to them; who
 * opens must read them all. Former versions are removed, as they are in no other way of use.
 */
final class ManifestSubject implements HistorySubject {
  private static final ObjectKey FOLDER = ObjectKey.of("manifest");
  private static final JsonMapper MAPPER = new JsonMapper();

  private final MeteredStore store;
  private final SyntheticCommits commits = new SyntheticCommits();
  private final ByteArrayOutputStream manifest = new ByteArrayOutputStream();
  private long version;

  ManifestSubject(Path root) {
    this.store = new MeteredStore(LocalObjectStore.at(root, LocalObjectStore.Durability.PROCESS));
  }

  /** As if so many steps had been committed one commit after the other. */
  void grow(long steps) throws IOException {
    while ((version + 1) * SyntheticCommits.STEPS < steps) {
      append();
    }
    commit();
    store.take();
  }

  private void append() throws IOException {
    ObjectNode json = SealedJson.object();
    ObjectKey bundle = StreamKeys.bundle("tok-0", 1, UUID.randomUUID());
    json.put("version", version)
        .put("digest", Digest.of(bundle.value().getBytes(UTF_8)).hex())
        .put("time", System.currentTimeMillis())
        .put("first_step", version * SyntheticCommits.STEPS);
    json.putObject("producer").put("id", "tok-0").put("epoch", 1).put("sequence", version);
    ContentJson.write(commits.content(bundle), json);
    manifest.write((json + "\n").getBytes(UTF_8));
    version++;
  }

  @Override
  public MeteredStore store() {
    return store;
  }

  @Override
  public void commit() throws IOException {
    append();
    if (store.putIfAbsent(StreamKeys.versioned(FOLDER, version), manifest.toByteArray())
        != PutResult.CREATED) {
      throw new IOException("somebody else commits to " + store.root());
    }
  }

  @Override
  public void tidy() throws IOException {
    List<ObjectInfo> versions = store.list(FOLDER, Optional.empty());
    for (ObjectInfo old : versions.subList(0, Math.max(0, versions.size() - 2))) {
      store.delete(old.key());
    }
  }

  @Override
  public Opened open() throws IOException {
    List<ObjectInfo> versions = store.list(FOLDER, Optional.empty());
    byte[] content = store.get(versions.get(versions.size() - 1).key(), Integer.MAX_VALUE);
    TreeMap<Long, String> byFirstStep = new TreeMap<>();
    try (MappingIterator<JsonNode> lines = MAPPER.readerFor(JsonNode.class).readValues(content)) {
      while (lines.hasNext()) {
        JsonNode commit = lines.next();
        byFirstStep.put(commit.get("first_step").longValue(), commit.get("bundles").toString());
      }
    }
    return step -> byFirstStep.floorEntry(step);
  }
}
