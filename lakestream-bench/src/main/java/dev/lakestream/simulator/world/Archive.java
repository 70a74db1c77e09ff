// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** All that ever happened to objects, in order: what the checker takes for the truth. */
public final class Archive {
  private final List<Change> changes = new ArrayList<>();

  /**
   * An object came, was replaced, or went.
   *
   * @param number place in the order of all changes
   * @param time microseconds of the true time
   * @param content its bytes, empty where it went
   * @param replaces whether there was an object of this key before
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Change(
      int number, long time, String key, boolean deletion, byte[] content, boolean replaces) {}

  void created(long time, String key, byte[] content, boolean replaces) {
    changes.add(new Change(changes.size(), time, key, false, content, replaces));
  }

  void deleted(long time, String key) {
    changes.add(new Change(changes.size(), time, key, true, new byte[0], true));
  }

  /** How many changes there were so far: the number of the next one. */
  public int size() {
    return changes.size();
  }

  public List<Change> changes() {
    return Collections.unmodifiableList(changes);
  }
}
