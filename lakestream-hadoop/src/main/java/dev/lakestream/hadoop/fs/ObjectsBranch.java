// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.format.Limits;
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

/**
 * Small objects of the store as they are now, such as pins: they are of no version. A folder is
 * there as long as something is in it, but for the branch itself, which always is.
 */
final class ObjectsBranch implements Branch {
  private final ObjectStore store;
  private final ObjectKey folder;
  private final long time;

  ObjectsBranch(ObjectStore store, ObjectKey folder, long time) {
    this.store = store;
    this.folder = folder;
    this.time = time;
  }

  @Override
  public Entry find(List<String> names) throws IOException {
    if (names.isEmpty()) {
      return Entry.folder(folder.value(), time);
    }
    Optional<ObjectInfo> object = store.head(key(names));
    if (object.isPresent()) {
      return entry(object.get().key().name(), object.get());
    }
    List<Entry> children = children(names);
    if (children.isEmpty()) {
      throw Branch.missing("there is no " + folder + "/" + String.join("/", names));
    }
    return Entry.folder(
        names.get(names.size() - 1), children.stream().mapToLong(Entry::time).max().orElse(time));
  }

  @Override
  public RemoteIterator<Entry> list(List<String> names) throws IOException {
    find(names);
    return Listings.of(children(names), entry -> entry);
  }

  @Override
  public Content open(List<String> names) throws IOException {
    return Content.of(store.get(key(names), Limits.SMALL_OBJECT_BYTES));
  }

  private List<Entry> children(List<String> names) throws IOException {
    ObjectKey above = key(names);
    Map<String, Entry> children = new TreeMap<>();
    for (ObjectInfo info : store.list(above, Optional.empty())) {
      String below = info.key().value().substring(above.value().length() + 1);
      int slash = below.indexOf('/');
      Entry child =
          slash < 0
              ? entry(below, info)
              : Entry.folder(below.substring(0, slash), info.lastModified().toEpochMilli());
      children.merge(
          child.name(), child, (left, right) -> left.time() >= right.time() ? left : right);
    }
    return new ArrayList<>(children.values());
  }

  private static Entry entry(String name, ObjectInfo info) {
    return Entry.file(name, info.size(), info.lastModified().toEpochMilli());
  }

  private ObjectKey key(List<String> names) throws IOException {
    String key = names.isEmpty() ? folder.value() : folder + "/" + String.join("/", names);
    if (!ObjectKey.isValid(key)) {
      throw Branch.missing("there is no " + key);
    }
    return ObjectKey.of(key);
  }
}
