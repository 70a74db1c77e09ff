// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

/**
 * One vector on the way from a column down to one of its leaves.
 *
 * @param path names from the column down, for errors
 * @param present definition level from which on there is a value; one less is null, if it can be
 * @param repetition level of a list's further elements
 * @param size of a list of a fixed size; bytes of an offset of another list
 * @param child which of its children the way goes on with
 */
record PathNode(
    String path, Kind kind, boolean nullable, int present, int repetition, int size, int child) {
  enum Kind {
    STRUCT,
    LIST,
    FIXED_LIST,
    LEAF
  }

  boolean isList() {
    return kind == Kind.LIST || kind == Kind.FIXED_LIST;
  }

  /** Definition level from which on a list has an element; one less is an empty list. */
  int element() {
    return present + 1;
  }
}
