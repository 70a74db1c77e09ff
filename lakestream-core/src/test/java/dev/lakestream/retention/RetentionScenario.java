// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.testing.Backing;
import java.io.IOException;

/** What tests of retention begin with. A subclass of such a test runs it on another store. */
abstract class RetentionScenario {
  /** What keeps the objects. */
  protected Backing backing() {
    return Backing.memory();
  }

  /** A stream without steps. */
  RetentionFixture create() throws IOException {
    return RetentionFixture.create(backing());
  }
}
