// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import dev.lakestream.cli.StoreOptions;
import java.nio.file.Path;
import java.util.List;

/**
 * What a demo is run with.
 *
 * @param home the clone
 * @param corpus jars of source code
 * @param uri of the stream to be
 * @param store how its store is opened
 * @param folder for the logs of the ranks
 * @param stepMillis how long the ranks compute for each step
 */
record DemoSettings(
    Path home,
    List<Path> corpus,
    String uri,
    StoreOptions store,
    Path folder,
    long seed,
    long stepMillis) {
  static final int SEQUENCE_LENGTH = 1024;
  static final int SLOTS = 8;
  static final int GLOBAL_BATCH_SIZE = 64;

  /** In how many Spark jobs the corpus is appended, so that readers see a stream that grows. */
  static final int WAVES = 6;
}
