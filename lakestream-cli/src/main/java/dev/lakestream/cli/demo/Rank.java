// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import java.nio.file.Path;
import java.util.List;

/**
 * One of the processes that read: a rank of a phase, in one of the two languages.
 *
 * @param phase names the phase, for files and output
 * @param until the step at which the phase ends; beyond the stream's end for the last phase
 */
record Rank(
    String phase, Language language, int dpRank, int dpSize, int cpRank, int cpSize, long until) {
  /** The reader that a rank uses. */
  enum Language {
    JAVA,
    PYTHON
  }

  String name() {
    return "dp " + dpRank + "/" + dpSize + " cp " + cpRank + "/" + cpSize;
  }

  Path log(Path folder) {
    return folder.resolve(phase + "-dp" + dpRank + "-cp" + cpRank + ".jsonl");
  }

  /** The arguments that a rank's program takes, the same in both languages. */
  List<String> arguments(String uri, Path folder, long stepMillis) {
    return List.of(
        uri,
        "--log=" + log(folder),
        "--dp-rank=" + dpRank,
        "--dp-size=" + dpSize,
        "--cp-rank=" + cpRank,
        "--cp-size=" + cpSize,
        "--until=" + until,
        "--step-millis=" + stepMillis);
  }
}
