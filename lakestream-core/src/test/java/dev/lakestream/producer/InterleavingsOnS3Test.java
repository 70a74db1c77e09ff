// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.testing.Backing;
import dev.lakestream.testing.s3.S3ServerExtension;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The interleavings of {@link InterleavingsTest}, with and without guards, on a real S3 server. */
@Timeout(300)
class InterleavingsOnS3Test extends InterleavingsTest {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  @Override
  protected Backing backing() {
    return S3.backing();
  }
}
