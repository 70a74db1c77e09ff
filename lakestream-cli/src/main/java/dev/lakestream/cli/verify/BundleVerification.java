// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.verify;

import dev.lakestream.arrow.bundle.ParquetBundleCheck;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.ProducerState;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Opens every bundle as what it claims to be, a plain Arrow or Parquet file, and looks for objects
 * that nothing reaches (invariant 8). Those of a fork's parent are the business of its own
 * verification.
 */
final class BundleVerification {
  private final LakeStream stream;
  private final BufferAllocator allocator;
  private final Findings findings;
  private final Set<ObjectKey> segments;

  BundleVerification(
      LakeStream stream, BufferAllocator allocator, Findings findings, Set<ObjectKey> segments) {
    this.segments = segments;
    this.stream = stream;
    this.allocator = allocator;
    this.findings = findings;
  }

  void run() throws IOException {
    Map<ObjectKey, BundleDescriptor> bundles = reachableBundles();
    for (BundleDescriptor bundle : bundles.values()) {
      verify(bundle);
    }
    findings.count("bundles", bundles.size());
    countUnreachable(bundles.keySet());
  }

  private Map<ObjectKey, BundleDescriptor> reachableBundles() throws IOException {
    Map<ObjectKey, BundleDescriptor> bundles = new LinkedHashMap<>();
    long step = Math.max(stream.state().firstReadable(), stream.state().firstOwn());
    while (step < stream.state().nextStep()) {
      CommittedGroup group = stream.groupOf(step);
      group.bundles().forEach(bundle -> bundles.put(bundle.key(), bundle));
      step = group.nextStep();
    }
    for (ProducerState producer : stream.producers()) {
      for (Attachment attachment : producer.attachments()) {
        bundles.put(attachment.bundle().key(), attachment.bundle());
      }
    }
    return bundles;
  }

  private void verify(BundleDescriptor bundle) throws IOException {
    Optional<ObjectInfo> info = stream.store().head(bundle.key());
    if (info.isEmpty()) {
      findings.fault("the bundle " + bundle.key() + " is missing");
      return;
    }
    if (info.get().size() != bundle.bytes()) {
      findings.fault(
          bundle.key() + " has " + info.get().size() + " bytes, the log says " + bundle.bytes());
      return;
    }
    StreamSchema schema = stream.state().schemas().get(bundle.schema()).schema();
    switch (bundle.format()) {
      case ARROW -> verifyArrow(bundle, schema);
      case PARQUET -> verifyParquet(bundle, schema);
    }
  }

  private void verifyParquet(BundleDescriptor bundle, StreamSchema schema) throws IOException {
    try {
      ParquetBundleCheck.problem(stream.store(), bundle, schema)
          .ifPresent(problem -> findings.fault(bundle.key() + " " + problem));
    } catch (CorruptObjectException e) {
      findings.fault(String.valueOf(e.getMessage()));
    }
  }

  private void verifyArrow(BundleDescriptor bundle, StreamSchema schema) {
    Schema wanted = ArrowSchemas.toArrow(ArrowSchemas.divided(schema, bundle.pieces()));
    try (StoreChannel channel = new StoreChannel(stream.store(), bundle.key(), bundle.bytes());
        ArrowFileReader reader = new ArrowFileReader(channel, allocator)) {
      if (!reader.getVectorSchemaRoot().getSchema().getFields().equals(wanted.getFields())) {
        findings.fault(bundle.key() + " has not the schema " + bundle.schema() + " in its file");
      }
      long cells = (long) bundle.steps() * bundle.slots() * bundle.pieces();
      if (reader.getRecordBlocks().size() != cells) {
        findings.fault(
            bundle.key()
                + " has "
                + reader.getRecordBlocks().size()
                + " record batches in its footer, "
                + cells
                + " are wanted");
      }
    } catch (IOException | RuntimeException e) {
      findings.fault(bundle.key() + " is no Arrow file: " + e.getMessage());
    }
  }

  /** Garbage is no fault: a task that failed leaves it, and one that is at work looks the same. */
  private void countUnreachable(Set<ObjectKey> bundles) throws IOException {
    Set<ObjectKey> reachable = new HashSet<>(bundles);
    reachable.addAll(segments);
    for (ObjectInfo info : stream.store().list(StreamKeys.DATA, Optional.empty())) {
      if (!reachable.contains(info.key())) {
        findings.count("unreachable_objects", 1);
        findings.count("unreachable_bytes", info.size());
      }
    }
  }
}
