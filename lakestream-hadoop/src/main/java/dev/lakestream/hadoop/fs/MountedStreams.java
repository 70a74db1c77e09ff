// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.store.FolderStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The stream of a mount, and those of its forks that somebody looked into. Owns the store.
 * Thread-safe.
 */
final class MountedStreams implements Closeable {
  private final Environment environment;
  private final String producer;
  private final ObjectStore store;
  private final Map<List<String>, MountedStream> streams = new HashMap<>();

  private MountedStreams(ObjectStore store, Environment environment, String producer) {
    this.store = store;
    this.environment = environment;
    this.producer = producer;
  }

  /**
   * Opens the stream of a mount at its tail.
   *
   * @param store closed with this, also if it can't be opened
   */
  static MountedStreams open(Mount mount, ObjectStore store, Environment environment)
      throws IOException {
    String producer = mount.producer().orElseGet(() -> "hadoop-" + environment.uuids().get());
    MountedStreams opened = new MountedStreams(store, environment, producer);
    try {
      opened.stream(List.of());
      return opened;
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** The files and folders of the view that a path is in. */
  ViewTree tree(StreamPath path) throws IOException {
    MountedStream stream = stream(path);
    return path.version().isPresent() ? stream.asOf(path.version().getAsLong()) : stream.newest();
  }

  /** The stream that a path is in. */
  MountedStream stream(StreamPath path) throws IOException {
    return stream(path.forks());
  }

  private synchronized MountedStream stream(List<String> forks) throws IOException {
    MountedStream known = streams.get(forks);
    if (known == null) {
      ObjectStore home = store;
      for (String fork : forks) {
        home = FolderStore.ofFork(home, fork);
      }
      known = new MountedStream(home, environment, producer);
      streams.put(forks, known);
    }
    return known;
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
