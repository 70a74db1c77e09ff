// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Which stream a command is about, and how its store is to be opened. */
public final class StreamArgument {
  @Parameters(
      index = "0",
      paramLabel = "URI",
      description = "Root of the stream: a directory, or a URI such as file:/data/stream.")
  private String uri = "";

  @Mixin private StoreOptions store = new StoreOptions();

  /** As it was given. */
  public String uri() {
    return uri;
  }

  /** How its store is opened. */
  public StoreOptions store() {
    return store;
  }

  /** Opens the store below the root; the caller closes it. */
  public ObjectStore openStore() {
    return store.open(uri);
  }

  /** Something to do with a stream, which is closed afterwards. */
  @FunctionalInterface
  public interface Use<T> {
    T with(LakeStream stream) throws IOException, InterruptedException;
  }

  /** Opens the stream, does something with it, and closes its store. */
  public <T> T use(Use<T> use) throws IOException, InterruptedException {
    return use(uri, use);
  }

  /** As {@link #use(Use)} with another stream, whose store has the same settings. */
  public <T> T use(String other, Use<T> use) throws IOException, InterruptedException {
    try (ObjectStore opened = store.open(other)) {
      return use.with(LakeStream.open(opened));
    }
  }
}
