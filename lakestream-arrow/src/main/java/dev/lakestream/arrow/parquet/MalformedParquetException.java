// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

/** The bytes are no Parquet file as a cell must be one; who knows the object says which it is. */
public final class MalformedParquetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedParquetException(String message) {
    super(message);
  }
}
