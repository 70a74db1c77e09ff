// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.history;

import dev.lakestream.bench.StreamSubject;
import java.io.IOException;
import java.nio.file.Path;

/** A stream, whose committer folds after 256 entries. */
final class StreamHistory implements History {
  private final StreamSubject stream;

  StreamHistory(Path folder) throws IOException, InterruptedException {
    this.stream = new StreamSubject(folder);
    stream.join(1, "bench-");
  }

  @Override
  public String name() {
    return "stream";
  }

  @Override
  public void commit() throws IOException, InterruptedException {
    stream.commitAndFold();
  }

  @Override
  public int round() {
    return StreamSubject.FOLD_EVERY;
  }

  @Override
  public void openAndFind(long step) throws IOException {
    stream.open().find(step);
  }

  @Override
  public long takeBytes() {
    return stream.takeBytes();
  }
}
