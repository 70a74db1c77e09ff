// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.testing.Backing;
import dev.lakestream.testing.s3.S3ServerExtension;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a stream promises, on a real S3 server. */
class LakeStreamOnS3Test {
  @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();

  @Nested
  @Timeout(300)
  class Opening extends StreamOpeningTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Steps extends StepFinderTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Waiting extends StepWaitTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class LostHistory extends LostHistoryTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Folding extends LogFolderTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Folders extends FoldersTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Cursors extends StreamCursorsTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }

  @Nested
  @Timeout(300)
  class Costs extends HistoryCostTest {
    @Override
    protected Backing backing() {
      return S3.backing();
    }
  }
}
