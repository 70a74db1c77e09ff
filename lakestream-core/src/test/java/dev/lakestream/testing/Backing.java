// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import java.time.InstantSource;

/**
 * What keeps the objects of a test, and lets days pass in no time. A subclass of a test runs it on
 * another backing.
 */
public interface Backing {
  /** A store without objects, which stamps them by this clock. */
  InspectedStore empty(InstantSource clock);

  /** The same objects with the same stamps in a store that goes its own way from here. */
  InspectedStore copy(InspectedStore store);

  /** Of the moments at which something may happen, every so many-th is tried. */
  int stride();

  /** In memory, where all moments can be tried. */
  static Backing memory() {
    return new Backing() {
      @Override
      public InspectedStore empty(InstantSource clock) {
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
