// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.web.WebHdfsFileSystem;

/** An atomic rename of a file into a folder that need not be there. */
interface Renaming {
  /**
   * Gives a file its name unless something has that name.
   *
   * @return whether it was this call
   * @throws FileNotFoundException if the file or the folder is missing
   */
  boolean ifAbsent(Path from, Path to) throws IOException;

  /** Gives a file its name, whatever has that name. */
  void replacing(Path from, Path to) throws IOException;

  /** That of HDFS, which says by itself whether to overwrite. */
  static Renaming of(DistributedFileSystem files) {
    return new OfHdfs(files::rename);
  }

  /** That of HDFS through HTTP. */
  static Renaming of(WebHdfsFileSystem files) {
    return new OfHdfs(files::rename);
  }

  /** That which every file system has; whether it is atomic, a race must show. */
  static Renaming plain(FileSystem files) {
    return new Plain(files);
  }

  /** {@code rename} with options, which {@link FileSystem} itself does not show. */
  @FunctionalInterface
  interface WithOptions {
    void rename(Path from, Path to, Rename... options) throws IOException;
  }

  /** HDFS decides on a rename while it holds the lock of its whole name space. */
  record OfHdfs(WithOptions files) implements Renaming {
    @Override
    public boolean ifAbsent(Path from, Path to) throws IOException {
      try {
        files.rename(from, to, Rename.NONE);
        return true;
      } catch (FileAlreadyExistsException e) {
        return false;
      }
    }

    @Override
    public void replacing(Path from, Path to) throws IOException {
      files.rename(from, to, Rename.OVERWRITE);
    }
  }

  /** Moves into what turns out to be a folder, so that is looked at first. */
  record Plain(FileSystem files) implements Renaming {
    private static final int TRIES = 10;

    @Override
    public boolean ifAbsent(Path from, Path to) throws IOException {
      try {
        FileStatus there = files.getFileStatus(to);
        if (there.isDirectory()) {
          throw new IOException(to + " is a directory, where an object is to be");
        }
        return false;
      } catch (FileNotFoundException e) {
        // As it should be.
      }
      if (files.rename(from, to)) {
        return true;
      }
      if (files.exists(to)) {
        return false;
      }
      throw new FileNotFoundException("neither was " + from + " renamed, nor is there a " + to);
    }

    @Override
    public void replacing(Path from, Path to) throws IOException {
      for (int i = 0; i < TRIES; i++) {
        if (ifAbsent(from, to)) {
          return;
        }
        files.delete(to, false);
      }
      throw new IOException("others put " + to + " faster than it can be replaced");
    }
  }
}
