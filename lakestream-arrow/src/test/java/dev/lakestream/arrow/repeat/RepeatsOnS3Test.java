// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.repeat;

import dev.lakestream.store.FolderStore;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.testing.Backing;
import dev.lakestream.testing.s3.S3ServerExtension;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What repeats of slots promise, and what is read through forks, on a real S3 server. */
class RepeatsOnS3Test {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  @Nested
  @Timeout(300)
  class SlotCrashes extends SlotRepeatCrashTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Reading extends ForkAndRepeatReadingTest {
    private final ObjectStore outermost = S3.freshStore();

    @Override
    protected ObjectStore open(Path unused, String below) {
      return below.isEmpty() ? outermost : FolderStore.of(outermost, below.substring(1));
    }
  }
}
