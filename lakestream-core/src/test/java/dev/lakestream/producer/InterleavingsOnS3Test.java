// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.producer;

import dev.lakestream.testing.Backing;
import dev.lakestream.testing.PlantedBug;
import dev.lakestream.testing.s3.S3ServerExtension;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The interleavings of {@link InterleavingsTest} on a real S3 server. */
@Timeout(300)
class InterleavingsOnS3Test extends InterleavingsTest {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  @Override
  protected Backing backing() {
    return S3.backing();
  }

  /** The guards are in code that does not know the store: they are taken out in memory only. */
  @Override
  void failsWithoutItsGuard(Interleaving interleaving, PlantedBug bug) {}
}
