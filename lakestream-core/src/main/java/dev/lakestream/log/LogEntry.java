// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.format.Digest;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One entry of the log ({@code docs/format.md} §5).
 *
 * @param id of the commit, the same for all its attempts
 * @param prev digest of the predecessor's bytes
 * @param time milliseconds since 1970
 * @param requires features that a client must know to go on
 * @param before the totals of the stream before this entry
 */
public record LogEntry(
    long version,
    UUID id,
    Digest prev,
    long time,
    String writer,
    List<String> requires,
    Optional<ProducerStamp> producer,
    Optional<String> state,
    List<Attachment> attachments,
    Optional<String> idempotence,
    Totals before,
    CommitContent content,
    List<Action> actions) {
  public LogEntry {
    requires = List.copyOf(requires);
    attachments = List.copyOf(attachments);
    actions = List.copyOf(actions);
  }
}
