// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.repeat;

import dev.lakestream.testing.Backing;
import dev.lakestream.testing.s3.S3ServerExtension;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What repeats promise, on a real S3 server. */
class RepeatsOnS3Test {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  @Nested
  @Timeout(300)
  class Steps extends StepRepeatTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Crashes extends RepeatCrashTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }
}
