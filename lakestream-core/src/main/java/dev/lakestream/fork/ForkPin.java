// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.fork;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.error.CommitRejectedException;
import dev.lakestream.format.Limits;
import dev.lakestream.format.SealedJson;
import dev.lakestream.log.Action;
import dev.lakestream.log.OpenIntent;
import dev.lakestream.log.StreamState;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/** The pin that keeps the parent's steps for a fork ({@code docs/format.md} §11, §13). */
record ForkPin(ObjectKey key, String name, long from, long to) {
  /** More attempts than any healthy stream needs: someone announces trims without end. */
  private static final int MAX_CANCELLED = 64;

  static ForkPin of(String name, UUID fork, long from, long to) {
    return new ForkPin(ForkKeys.pin(name, fork), name, from, to);
  }

  /** Puts the pin; it is in force once {@link #holds} says so. */
  void put(LakeStream parent) throws IOException {
    ObjectNode json = SealedJson.object();
    json.put("lakestream", Limits.FORMAT_VERSION)
        .put("stream", parent.id().toString())
        .put("job", ForkKeys.JOB)
        .put("checkpoint", name)
        .put("from", from)
        .put("to", to)
        .put("created", parent.environment().clock().millis());
    byte[] content = SealedJson.seal(json);
    try {
      parent.store().putIfAbsent(key, content);
    } catch (OutcomeUnknownException e) {
      // EXISTS can only be an attempt of our own: the UUID is fresh.
      parent.store().putIfAbsent(key, content);
    }
  }

  /**
   * Whether the pin came in time: the log, read to its tail after the put, shows no trim and no
   * open intent above its first step. An intent is cancelled; a trim can't be undone.
   */
  boolean holds(LakeStream parent) throws IOException, InterruptedException {
    for (int cancelled = 0; cancelled < MAX_CANCELLED; cancelled++) {
      StreamState state = parent.refresh();
      if (state.firstReadable() > from) {
        return false;
      }
      Optional<OpenIntent> above = state.intent().filter(intent -> intent.to() > from);
      if (above.isEmpty()) {
        return true;
      }
      cancel(parent, above.get());
    }
    throw new CommitRejectedException(
        "a trim above step " + from + " was announced again and again; stop who does that");
  }

  private static void cancel(LakeStream parent, OpenIntent intent)
      throws IOException, InterruptedException {
    try {
      new StreamControl(parent).commit(new Action.CancelIntent(intent.version()));
    } catch (CommitRejectedException e) {
      // It is open no more: the next look tells what became of it.
    }
  }
}
