// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import java.util.List;

/**
 * What the log knows of a producer.
 *
 * @param version of its last valid entry
 * @param time of its last valid entry
 * @param state its position in its own source; empty before it first said one
 */
public record ProducerState(
    String id,
    long epoch,
    long sequence,
    String state,
    List<Attachment> attachments,
    long version,
    long time,
    boolean retired) {
  public ProducerState {
    attachments = List.copyOf(attachments);
  }
}
