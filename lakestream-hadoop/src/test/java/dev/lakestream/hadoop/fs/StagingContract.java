// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.contract.AbstractFSContract;

/** Hadoop's contract tests run in a stage of a fresh stream. */
final class StagingContract extends AbstractFSContract {
  private final StreamOnDisk stream;
  private FileSystem files;

  StagingContract(Configuration settings) {
    super(settings);
    addConfResource("contract/lakestream.xml");
    try {
      stream = new StreamOnDisk(Files.createTempDirectory("lakestream-contract"), 2, 1);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    stream.settings().getPropsWithPrefix("").forEach(getConf()::set);
  }

  @Override
  public void init() throws IOException {
    super.init();
    files = FileSystem.newInstance(URI.create("lakestream://demo"), getConf());
  }

  /** Of each test, as the stream is. */
  @Override
  public void teardown() throws IOException {
    super.teardown();
    files.close();
    stream.close();
    FileUtil.fullyDelete(stream.directory.toFile());
  }

  @Override
  public FileSystem getTestFileSystem() {
    return files;
  }

  @Override
  public String getScheme() {
    return Mount.SCHEME;
  }

  @Override
  public Path getTestPath() {
    return new Path("/staging/contract");
  }
}
