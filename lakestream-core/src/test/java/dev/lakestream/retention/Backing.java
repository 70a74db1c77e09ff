// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.MemoryStore;
import dev.lakestream.testing.VirtualTime;

/** What keeps the objects of a test of retention, and lets days pass in no time. */
interface Backing {
  /** A store without objects, which stamps them by this clock. */
  InspectedStore empty(VirtualTime clock);

  /** The same objects with the same stamps in a store that goes its own way from here. */
  InspectedStore copy(InspectedStore store);

  /** Of the moments at which something may happen, every so many-th is tried. */
  int stride();

  /** In memory, where all moments can be tried. */
  static Backing memory() {
    return new Backing() {
      @Override
      public InspectedStore empty(VirtualTime clock) {
        return new MemoryStore(clock);
      }

      @Override
      public InspectedStore copy(InspectedStore store) {
        return ((MemoryStore) store).copy();
      }

      @Override
      public int stride() {
        return 1;
      }
    };
  }
}
