// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.log.Action;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.CommitContent;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a producer wants to make visible, all of it or nothing.
 *
 * @param content durable bundles (invariant 4) and the steps made of them; of any size
 * @param state the producer's position in its own source after these steps, at most 4 KiB; empty to
 *     keep the former one
 * @param attachments what replaces the producer's attachments
 * @param idempotence refuses a second commit with the same key
 * @param firstStep where its steps must begin; empty for wherever the stream is
 */
public record Commit(
    CommitContent.Inline content,
    Optional<String> state,
    List<Attachment> attachments,
    Optional<String> idempotence,
    List<Action> actions,
    OptionalLong firstStep) {
  public Commit {
    attachments = List.copyOf(attachments);
    actions = List.copyOf(actions);
  }

  /** What may begin wherever the stream is. */
  public Commit(
      CommitContent.Inline content,
      Optional<String> state,
      List<Attachment> attachments,
      Optional<String> idempotence,
      List<Action> actions) {
    this(content, state, attachments, idempotence, actions, OptionalLong.empty());
  }

  /** Steps and the state that goes with them. */
  public static Commit of(CommitContent.Inline content, String state) {
    return new Commit(content, Optional.of(state), List.of(), Optional.empty(), List.of());
  }
}
