// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import java.util.List;
import org.apache.spark.sql.connector.read.InputPartition;

/**
 * What one task reads.
 *
 * @param hosts where it should, the best first; empty if it does not matter
 */
record StreamPartition(List<ReadItem> items, List<String> hosts) implements InputPartition {
  private static final long serialVersionUID = 1L;

  StreamPartition {
    items = List.copyOf(items);
    hosts = List.copyOf(hosts);
  }

  @Override
  public String[] preferredLocations() {
    return hosts.toArray(String[]::new);
  }
}
