// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.store.ObjectStores;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.ListedStore;
import dev.lakestream.testing.VirtualTime;
import dev.lakestream.testing.s3.S3ServerExtension;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What sessions promise, on a real S3 server. */
class ProducerSessionOnS3Test {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  private static InspectedStore freshRoot() {
    return new ListedStore(ObjectStores.open(S3.server().freshRoot(), S3.server().options()));
  }

  @Nested
  @Timeout(300)
  class Sessions extends ProducerSessionTest {
    @Override
    protected InspectedStore backing(VirtualTime clock) {
      return freshRoot();
    }
  }

  @Nested
  @Timeout(300)
  class UnknownOutcomes extends UnknownOutcomeTest {
    @Override
    protected InspectedStore backing(VirtualTime clock) {
      return freshRoot();
    }
  }

  @Nested
  @Timeout(300)
  class Races extends RacingProducersTest {
    @Override
    protected InspectedStore backing(VirtualTime clock) {
      return freshRoot();
    }
  }

  @Nested
  @Timeout(300)
  class Horizon extends HorizonCrossingTest {
    @Override
    protected InspectedStore backing(VirtualTime clock) {
      return freshRoot();
    }
  }

  @Nested
  @Timeout(300)
  class Content extends CommitContentTest {
    @Override
    protected InspectedStore backing(VirtualTime clock) {
      return freshRoot();
    }
  }
}
