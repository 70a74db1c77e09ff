// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.format.Names;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.RemoteIterator;

/** {@code staging/<name>/…}: what is staged now, whatever the version of the view. */
final class StagingBranch implements Branch {
  private final ObjectStore store;
  private final long time;

  /**
   * The stages in a store.
   *
   * @param time of {@code staging} itself
   */
  StagingBranch(ObjectStore store, long time) {
    this.store = store;
    this.time = time;
  }

  @Override
  public Entry find(List<String> names) throws IOException {
    return lookUp(names)
        .orElseThrow(() -> Branch.missing("nothing is staged as " + String.join("/", names)));
  }

  /** What is known of a file or folder, if there is one. */
  Optional<Entry> lookUp(List<String> names) throws IOException {
    if (names.isEmpty()) {
      return Optional.of(Entry.folder(StreamPath.STAGING, time));
    }
    if (!Names.isValid(names.get(0))) {
      return Optional.empty();
    }
    String name = names.get(names.size() - 1);
    ObjectKey key = StageKeys.key(names);
    Optional<ObjectInfo> file = names.size() > 1 ? store.head(key) : Optional.empty();
    if (file.isPresent()) {
      return Optional.of(entry(name, file.get()));
    }
    return store.list(key, Optional.empty()).stream()
        .map(info -> info.lastModified().toEpochMilli())
        .reduce(Math::max)
        .map(newest -> Entry.folder(name, newest));
  }

  @Override
  public RemoteIterator<Entry> list(List<String> names) throws IOException {
    if (!find(names).folder()) {
      throw Branch.missing(String.join("/", names) + " is a file");
    }
    return Listings.of(children(names), entry -> entry);
  }

  /** What is in a folder, in the order of keys. */
  List<Entry> children(List<String> names) throws IOException {
    ObjectKey above = names.isEmpty() ? StreamKeys.STAGING : StageKeys.key(names);
    Map<String, Entry> children = new TreeMap<>();
    for (ObjectInfo info : store.list(above, Optional.empty())) {
      String below = info.key().value().substring(above.value().length() + 1);
      int slash = below.indexOf('/');
      String name = StageKeys.decode(slash < 0 ? below : below.substring(0, slash));
      if (slash >= 0) {
        Entry folder = Entry.folder(name, info.lastModified().toEpochMilli());
        children.merge(name, folder, (left, right) -> left.time() >= right.time() ? left : right);
      } else if (!StageKeys.isMark(below) && !names.isEmpty()) {
        children.put(name, entry(name, info));
      }
    }
    return new ArrayList<>(children.values());
  }

  @Override
  public Content open(List<String> names) throws IOException {
    Entry entry = find(names);
    if (entry.folder()) {
      throw Branch.missing(String.join("/", names) + " is a folder");
    }
    return new StagedContent(store, StageKeys.key(names), entry.length());
  }

  private static Entry entry(String name, ObjectInfo info) {
    return Entry.file(name, info.size(), info.lastModified().toEpochMilli());
  }
}
