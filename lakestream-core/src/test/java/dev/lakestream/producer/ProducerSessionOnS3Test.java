// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.testing.Backing;
import dev.lakestream.testing.s3.S3ServerExtension;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What sessions promise, on a real S3 server. */
class ProducerSessionOnS3Test {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  @Nested
  @Timeout(300)
  class Sessions extends ProducerSessionTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class UnknownOutcomes extends UnknownOutcomeTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Races extends RacingProducersTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Horizon extends HorizonCrossingTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Content extends CommitContentTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Pace extends PacedCommitterTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Leads extends HeldBackTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }
}
