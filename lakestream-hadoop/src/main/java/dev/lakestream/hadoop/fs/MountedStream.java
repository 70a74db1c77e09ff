// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One stream of a mount, itself or a fork of it: its view at open, the views of former versions
 * that were asked for last, and what is staged.
 *
 * <p>The view stays what it was when the stream was opened, so that a job sees one state from its
 * first listing to its last read; only a commit of one's own moves it, so that one sees what one
 * wrote. Thread-safe.
 */
final class MountedStream {
  private static final int MAX_VERSIONS = 16;

  private final ObjectStore store;
  private final Environment environment;
  private final CellLengthCache lengths = new CellLengthCache();
  private final StepCommitter committer;
  private final Map<Long, ViewTree> versions = new LinkedHashMap<>(16, 0.75f, true);
  private ViewTree newest;

  /** Opens a stream at its tail; the store stays the caller's. */
  MountedStream(ObjectStore store, Environment environment, String producer) throws IOException {
    this.store = store;
    this.environment = environment;
    this.committer = new StepCommitter(store, environment, producer);
    this.newest = look();
  }

  private ViewTree look() throws IOException {
    StreamView view = StreamView.newest(store, environment);
    return ViewTree.ofNewest(view, lengths, new StagingBranch(store, view.state().time()));
  }

  /** The view at open. */
  synchronized ViewTree newest() {
    return newest;
  }

  /**
   * The view of a version.
   *
   * @throws java.io.FileNotFoundException if it can't be seen here
   */
  synchronized ViewTree asOf(long version) throws IOException {
    ViewTree known = versions.get(version);
    if (known == null) {
      known =
          ViewTree.ofVersion(StreamView.asOf(store, environment, version, newest.view()), lengths);
      versions.put(version, known);
      if (versions.size() > MAX_VERSIONS) {
        versions.remove(versions.keySet().iterator().next());
      }
    }
    return known;
  }

  /** Where files are staged. */
  StagingArea staging() {
    return new StagingArea(store, new StagingBranch(store, newest().view().state().time()));
  }

  /** Makes a step of a stage; see {@link StepCommitter#commit}. */
  void commit(String stage) throws IOException, InterruptedException {
    committer.commit(stage);
    ViewTree after = look();
    synchronized (this) {
      newest = after;
    }
  }

  ObjectStore store() {
    return store;
  }
}
