// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.contract.AbstractContractContentSummaryTest;
import org.apache.hadoop.fs.contract.AbstractContractCopyFromLocalTest;
import org.apache.hadoop.fs.contract.AbstractContractCreateTest;
import org.apache.hadoop.fs.contract.AbstractContractDeleteTest;
import org.apache.hadoop.fs.contract.AbstractContractGetFileStatusTest;
import org.apache.hadoop.fs.contract.AbstractContractMkdirTest;
import org.apache.hadoop.fs.contract.AbstractContractOpenTest;
import org.apache.hadoop.fs.contract.AbstractContractRenameTest;
import org.apache.hadoop.fs.contract.AbstractContractSeekTest;
import org.apache.hadoop.fs.contract.AbstractContractUnbufferTest;
import org.apache.hadoop.fs.contract.AbstractContractVectoredReadTest;
import org.apache.hadoop.fs.contract.AbstractFSContract;
import org.junit.experimental.categories.Category;
import org.junit.experimental.runners.Enclosed;
import org.junit.runner.RunWith;

/** Hadoop's own contract tests, for what {@code contract/lakestream.xml} declares. */
@RunWith(Enclosed.class)
@Category(HadoopContract.class)
public class HadoopContractTest {

  /** See the class that it extends. */
  public static class OpenContract extends AbstractContractOpenTest {
    @Override
    protected AbstractFSContract createContract(Configuration settings) {
      return new StagingContract(settings);
    }
  }

  /** See the class that it extends. */
  public static class SeekContract extends AbstractContractSeekTest {
    @Override
    protected AbstractFSContract createContract(Configuration settings) {
      return new StagingContract(settings);
    }
  }

  /** See the class that it extends. */
  public static class GetFileStatusContract extends AbstractContractGetFileStatusTest {
    @Override
    protected AbstractFSContract createContract(Configuration settings) {
      return new StagingContract(settings);
    }
  }

  /** See the class that it extends. */
  public static class CreateContract extends AbstractContractCreateTest {
    @Override
    protected AbstractFSContract createContract(Configuration settings) {
      return new StagingContract(settings);
    }
  }

  /** See the class that it extends. */
  public static class RenameContract extends AbstractContractRenameTest {
    @Override
    protected AbstractFSContract createContract(Configuration settings) {
      return new StagingContract(settings);
    }
  }

  /** See the class that it extends. */
  public static class DeleteContract extends AbstractContractDeleteTest {
    @Override
    protected AbstractFSContract createContract(Configuration settings) {
      return new StagingContract(settings);
    }
  }

  /** See the class that it extends. */
  public static class MkdirContract extends AbstractContractMkdirTest {
    @Override
    protected AbstractFSContract createContract(Configuration settings) {
      return new StagingContract(settings);
    }
  }

  /** See the class that it extends. */
  public static class UnbufferContract extends AbstractContractUnbufferTest {
    @Override
    protected AbstractFSContract createContract(Configuration settings) {
      return new StagingContract(settings);
    }
  }

  /** See the class that it extends. */
  public static class ContentSummaryContract extends AbstractContractContentSummaryTest {
    @Override
    protected AbstractFSContract createContract(Configuration settings) {
      return new StagingContract(settings);
    }
  }

  /** See the class that it extends. */
  public static class CopyFromLocalContract extends AbstractContractCopyFromLocalTest {
    @Override
    protected AbstractFSContract createContract(Configuration settings) {
      return new StagingContract(settings);
    }
  }

  /** See the class that it extends; once for heap buffers and once for direct ones. */
  public static class VectoredReadContract extends AbstractContractVectoredReadTest {
    public VectoredReadContract(String buffers) {
      super(buffers);
    }

    @Override
    protected AbstractFSContract createContract(Configuration settings) {
      return new StagingContract(settings);
    }
  }
}
