// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.vector;

/** A row that breaks what the schema declares. Whoever knows which row it is says so. */
public final class BadRowException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final String column;

  BadRowException(String column, String what) {
    super(what);
    this.column = column;
  }

  /** The column, or the path to a part of one. */
  public String column() {
    return column;
  }
}
