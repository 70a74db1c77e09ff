// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.testing.Backing;
import dev.lakestream.testing.s3.S3ServerExtension;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What retention promises, on a real S3 server whose stamps are moved to the time of the test. */
class RetentionOnS3Test {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  @Nested
  @Timeout(300)
  class Pinning extends PinsTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Trims extends TrimmingTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Vacuums extends VacuumTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class AnyHistory extends VacuumPropertyTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Histories extends HistorySweepTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Probes extends ProbeSweepTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Stages extends StagingSweepTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Forks extends ForkRetentionTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Leads extends LeadGateTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }
}
