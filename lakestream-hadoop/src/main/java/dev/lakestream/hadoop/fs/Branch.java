// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * One folder of a stream's root with all that is below it. Names are relative to it, none for the
 * folder itself. Thread-safe.
 */
interface Branch {
  /**
   * What is known of a file or folder.
   *
   * @throws FileNotFoundException if there is none
   */
  Entry find(List<String> names) throws IOException;

  /** What is in a folder, in the order of names; fetched while it is iterated over. */
  RemoteIterator<Entry> list(List<String> names) throws IOException;

  /** The bytes of a file; nothing need be fetched before they are read. */
  Content open(List<String> names) throws IOException;

  /** The error for what is not there. */
  static FileNotFoundException missing(String what) {
    return new FileNotFoundException(what);
  }
}
