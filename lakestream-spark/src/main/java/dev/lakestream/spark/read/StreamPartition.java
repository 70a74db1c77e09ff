// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import java.util.List;
import org.apache.spark.sql.connector.read.InputPartition;

/** What one task reads. */
record StreamPartition(List<ReadItem> items) implements InputPartition {
  private static final long serialVersionUID = 1L;

  StreamPartition {
    items = List.copyOf(items);
  }
}
