// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.fork;

import dev.lakestream.testing.Backing;
import dev.lakestream.testing.s3.S3ServerExtension;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What forks promise, on a real S3 server. */
class ForksOnS3Test {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  @Nested
  @Timeout(300)
  class Making extends ForksTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Reading extends ForkReadingTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }
}
