// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * What a stream can't do, each with the reason. Hadoop's defaults ignore some of it, which would
 * look like success.
 */
abstract class RefusingFileSystem extends FileSystem {
  /** The error for what is not supported. */
  static UnsupportedOperationException refused(String what, Path path, String why) {
    return new UnsupportedOperationException("can't " + what + " " + path + ": " + why);
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw refused("append to", path, "what is visible never changes; stage a new step instead");
  }

  @Override
  public boolean truncate(Path path, long length) {
    throw refused("truncate", path, "what is visible never changes");
  }

  @Override
  public void concat(Path target, Path[] sources) {
    throw refused("concatenate into", target, "what is visible never changes");
  }

  @Override
  public void setPermission(Path path, FsPermission permission) {
    throw refused("set permissions of", path, "they are those of the stream's store");
  }

  @Override
  public void setOwner(Path path, String user, String group) {
    throw refused("set the owner of", path, "it is that of the stream's store");
  }

  @Override
  public void setTimes(Path path, long modified, long accessed) {
    throw refused("set times of", path, "a step's time is that of its commit");
  }

  @Override
  public boolean setReplication(Path path, short replication) {
    throw refused("set the replication of", path, "it is that of the stream's store");
  }

  @Override
  public void createSymlink(Path target, Path link, boolean createParent) {
    throw refused("link", link, "a stream has no links");
  }
}
