// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a vacuum did to {@code data/}, or would do.
 *
 * @param deletedObjects unreachable objects of fenced sessions
 * @param reachedObjects objects that readable steps need
 * @param attachedObjects objects that are attachments of producers, and no readable step needs
 * @param fenced the lost producers that were fenced
 * @param held unreachable objects that stay, with the reason
 * @param foreignObjects objects that are none of a stream; never touched
 * @param foreign the first of them
 */
public record DataReport(
    long deletedObjects,
    long deletedBytes,
    long reachedObjects,
    long reachedBytes,
    long attachedObjects,
    long attachedBytes,
    List<Fence> fenced,
    List<Held> held,
    long foreignObjects,
    long foreignBytes,
    List<String> foreign) {
  public DataReport {
    fenced = List.copyOf(fenced);
    held = List.copyOf(held);
    foreign = List.copyOf(foreign);
  }

  /**
   * Unreachable objects of a session that may still commit them.
   *
   * @param lastSign of life of the producer, by the store's clock, if it mattered
   */
  public record Held(
      String producer,
      long epoch,
      long objects,
      long bytes,
      String reason,
      Optional<Instant> lastSign) {}
}
