// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.Serializable;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * How {@link ArrowFileSink} writes.
 *
 * @param path a local directory
 * @param batchRows rows of a record batch
 * @param ownConverter whether rows are converted as a stream does it ({@code converter =
 *     lakestream}) or as Spark does it for Python ({@code converter = spark}, the default)
 * @param sync whether files are synced, as a stream's are (default: yes)
 */
record ArrowFileOptions(
    String path, int batchRows, boolean ownConverter, boolean sync, StructType rows)
    implements Serializable {
  static ArrowFileOptions of(CaseInsensitiveStringMap options, StructType rows) {
    String path = options.get("path");
    if (path == null) {
      throw new IllegalArgumentException("option 'path' is missing: the directory of the files");
    }
    return new ArrowFileOptions(
        path,
        options.getInt("batchRows", 1024),
        options.getOrDefault("converter", "spark").equals("lakestream"),
        options.getBoolean("sync", true),
        rows);
  }
}
