// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.repeat;

import dev.lakestream.store.ObjectStores;
import dev.lakestream.testing.InspectedStore;
import dev.lakestream.testing.ListedStore;
import dev.lakestream.testing.VirtualTime;
import dev.lakestream.testing.s3.S3ServerExtension;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** All of {@link StepRepeatTest} on a real S3 server. */
@Timeout(300)
class StepRepeatOnS3Test extends StepRepeatTest {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  @Override
  protected InspectedStore backing(VirtualTime clock) {
    return new ListedStore(ObjectStores.open(S3.server().freshRoot(), S3.server().options()));
  }
}
