// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

/**
 * What a listing says of a file or folder.
 *
 * @param name in its folder
 * @param length in bytes; 0 for a folder
 * @param time of its last change, milliseconds since 1970
 */
record Entry(String name, boolean folder, long length, long time) {
  static Entry folder(String name, long time) {
    return new Entry(name, true, 0, time);
  }

  static Entry file(String name, long length, long time) {
    return new Entry(name, false, length, time);
  }
}
