// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.store.ObjectStores;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.ListedStore;
import dev.lakestream.testing.StampedStore;
import dev.lakestream.testing.VirtualTime;
import dev.lakestream.testing.s3.S3ServerExtension;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What retention promises, on a real S3 server whose stamps are moved to the time of the test. */
class RetentionOnS3Test {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  private static final Backing BACKING =
      new Backing() {
        @Override
        public InspectedStore empty(VirtualTime clock) {
          return new StampedStore(freshRoot(), clock);
        }

        @Override
        public InspectedStore copy(InspectedStore store) {
          return ((StampedStore) store).copyTo(freshRoot());
        }

        /** Each moment costs hundreds of requests; no operation of a vacuum comes but once. */
        @Override
        public int stride() {
          return 7;
        }
      };

  private static InspectedStore freshRoot() {
    return new ListedStore(ObjectStores.open(S3.server().freshRoot(), S3.server().options()));
  }

  @Nested
  @Timeout(300)
  class Pinning extends PinsTest {
    @Override
    Backing backing() {
      return BACKING;
    }
  }

  @Nested
  @Timeout(300)
  class Trims extends TrimmingTest {
    @Override
    Backing backing() {
      return BACKING;
    }
  }

  @Nested
  @Timeout(300)
  class Vacuums extends VacuumTest {
    @Override
    Backing backing() {
      return BACKING;
    }
  }

  @Nested
  @Timeout(300)
  class Histories extends HistorySweepTest {
    @Override
    Backing backing() {
      return BACKING;
    }
  }

  @Nested
  @Timeout(300)
  class Probes extends ProbeSweepTest {
    @Override
    Backing backing() {
      return BACKING;
    }
  }

  @Nested
  @Timeout(300)
  class Stages extends StagingSweepTest {
    @Override
    Backing backing() {
      return BACKING;
    }
  }

  @Nested
  @Timeout(300)
  class Forks extends ForkRetentionTest {
    @Override
    Backing backing() {
      return BACKING;
    }
  }

  @Nested
  @Timeout(300)
  class Leads extends LeadGateTest {
    @Override
    Backing backing() {
      return BACKING;
    }
  }
}
