// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

/**
 * Which entry of which session: names are ordered by (epoch, sequence) within one producer.
 *
 * @param id the producer's name
 * @param epoch counts its sessions, from 1
 * @param sequence 0 for the entry that opens a session, then 1, 2, 3, …
 */
public record ProducerStamp(String id, long epoch, long sequence) implements java.io.Serializable {
  public boolean opens() {
    return sequence == 0;
  }

  @Override
  public String toString() {
    return id + " epoch " + epoch + " sequence " + sequence;
  }
}
