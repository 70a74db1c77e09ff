// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.commit;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who committed lately, in the order of their last commits: the oldest first. Bounded: beyond
 * {@link #MOST} the oldest are forgotten, as are those that have not been seen for the time that
 * {@link #forgetBefore} says.
 */
final class ActiveProducers {
  /** More than one chain can serve: at 4,096 a turn comes every few minutes. */
  static final int MOST = 4096;

  private final Map<String, Long> lastSeen = new LinkedHashMap<>(16, 0.75f, true);

  /** This producer committed at this time. */
  void saw(String producer, long at) {
    lastSeen.put(producer, at);
    if (lastSeen.size() > MOST) {
      Iterator<String> oldest = lastSeen.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }

  /** Ages out whoever has not committed since. */
  void forgetBefore(long time) {
    Iterator<Long> oldest = lastSeen.values().iterator();
    while (oldest.hasNext() && oldest.next() < time) {
      oldest.remove();
    }
  }

  int count() {
    return lastSeen.size();
  }
}
