// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.Limits;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Reads everything that roots name, and says which of them a reader could go on from. Roots share
 * most of their segments: each is read once for all roots that one audit is asked about.
 *
 * <p>Memory: a key for each segment. Not thread-safe.
 */
public final class SnapshotAudit {
  private final SegmentReader reader;
  private final Map<Object, Optional<String>> audited = new HashMap<>();
  private final Map<SegmentLocation, IndexRefs> nodes = new HashMap<>();
  private final Map<SegmentLocation, List<KeyedRef>> keyedNodes = new HashMap<>();

  public SnapshotAudit(ObjectStore store, UUID stream) {
    this.reader = new SegmentReader(store, stream);
  }

  /**
   * What became of a root.
   *
   * @param named the segments that it names as far as they could be read
   * @param problem why it is not intact; empty if it is
   */
  public record Finding(Set<ObjectKey> named, Optional<String> problem) {
    /** Whether every segment that the root names is there, as its ref says. */
    public boolean intact() {
      return problem.isEmpty();
    }
  }

  /** Reads all segments of a root that were not read for a former one. */
  public Finding audit(SnapshotRoot root) throws IOException {
    Set<ObjectKey> named = new HashSet<>();
    List<String> problems = new ArrayList<>();
    auditIndex(root.index(), named, problems);
    auditKeyed(KeyedKind.PRODUCERS, root.recent(), 0, named, problems);
    auditKeyed(KeyedKind.PRODUCERS, root.producers(), 0, named, problems);
    auditKeyed(KeyedKind.KEYS, root.keys(), 0, named, problems);
    return new Finding(named, problems.stream().findFirst());
  }

  private void auditIndex(IndexRefs refs, Set<ObjectKey> named, List<String> problems)
      throws IOException {
    for (IndexRef ref : refs) {
      if (!ref.node()) {
        auditOnce(ref, ref.where(), () -> reader.commits(ref), named, problems);
      } else {
        auditOnce(
            ref, ref.where(), () -> nodes.put(ref.where(), reader.children(ref)), named, problems);
        auditIndex(nodes.getOrDefault(ref.where(), IndexRefs.none()), named, problems);
      }
    }
  }

  private void auditKeyed(
      KeyedKind kind, List<KeyedRef> refs, int depth, Set<ObjectKey> named, List<String> problems)
      throws IOException {
    for (KeyedRef ref : refs) {
      if (!ref.node()) {
        auditOnce(ref, ref.where(), () -> readLeaf(kind, ref), named, problems);
      } else if (depth >= Limits.INDEX_DEPTH) {
        problems.add(ref.where().key() + " is a node below " + Limits.INDEX_DEPTH + " others");
      } else {
        auditOnce(
            ref,
            ref.where(),
            () -> keyedNodes.put(ref.where(), reader.children(kind, ref)),
            named,
            problems);
        auditKeyed(
            kind, keyedNodes.getOrDefault(ref.where(), List.of()), depth + 1, named, problems);
      }
    }
  }

  private void readLeaf(KeyedKind kind, KeyedRef ref) throws IOException {
    switch (kind) {
      case PRODUCERS -> reader.producersById(ref);
      case KEYS -> reader.keys(ref);
    }
  }

  private interface Reading {
    void read() throws IOException;
  }

  private void auditOnce(
      Object ref,
      SegmentLocation where,
      Reading reading,
      Set<ObjectKey> named,
      List<String> problems)
      throws IOException {
    named.add(where.key());
    Optional<String> problem = audited.get(ref);
    if (problem == null) {
      problem = problemOf(reading);
      audited.put(ref, problem);
    }
    problem.ifPresent(problems::add);
  }

  /** Damage is a finding; a store that does not answer is none. */
  private static Optional<String> problemOf(Reading reading) throws IOException {
    try {
      reading.read();
      return Optional.empty();
    } catch (CorruptObjectException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
