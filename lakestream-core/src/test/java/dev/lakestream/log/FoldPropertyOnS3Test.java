// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.testing.Backing;
import dev.lakestream.testing.s3.S3ServerExtension;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What snapshots stand for, written to and read from a real S3 server. */
@Timeout(300)
class FoldPropertyOnS3Test extends FoldPropertyTest {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  @Override
  protected Backing backing() {
    return S3.backing();
  }
}
