// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.store.ObjectStores;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.ListedStore;
import dev.lakestream.testing.VirtualTime;
import dev.lakestream.testing.s3.S3ServerExtension;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a stream promises, on a real S3 server. */
class LakeStreamOnS3Test {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  private static InspectedStore freshRoot() {
    return new ListedStore(ObjectStores.open(S3.server().freshRoot(), S3.server().options()));
  }

  @Nested
  @Timeout(300)
  class Opening extends StreamOpeningTest {
    @Override
    protected InspectedStore backing(VirtualTime clock) {
      return freshRoot();
    }
  }

  @Nested
  @Timeout(300)
  class Steps extends StepFinderTest {
    @Override
    protected InspectedStore backing(VirtualTime clock) {
      return freshRoot();
    }
  }

  @Nested
  @Timeout(300)
  class Waiting extends StepWaitTest {
    @Override
    protected InspectedStore backing(VirtualTime clock) {
      return freshRoot();
    }
  }

  @Nested
  @Timeout(300)
  class LostHistory extends LostHistoryTest {
    @Override
    protected InspectedStore backing(VirtualTime clock) {
      return freshRoot();
    }
  }

  @Nested
  @Timeout(300)
  class Folding extends LogFolderTest {
    @Override
    protected InspectedStore backing(VirtualTime clock) {
      return freshRoot();
    }
  }

  @Nested
  @Timeout(300)
  class Cursors extends StreamCursorsTest {
    @Override
    protected InspectedStore backing(VirtualTime clock) {
      return freshRoot();
    }
  }
}
