// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import java.util.List;
import java.util.Optional;
import org.apache.parquet.format.ColumnOrder;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.TypeDefinedOrder;

/** The footers of cells, and of the bundle that they make up. */
final class ParquetFooters {
  private static final String CREATED_BY = "lakestream version 0.1.0";
  private static final int VERSION = 2;

  private final ParquetColumns columns;

  ParquetFooters(ParquetColumns columns) {
    this.columns = columns;
  }

  /** With length and magic. */
  byte[] ofCell(Optional<RowGroup> group, long rows) {
    return ParquetMetadata.footer(metadata(group.stream().toList(), rows));
  }

  /** With length and magic. */
  byte[] ofFile(List<RowGroup> groups, List<KeyValue> notes) {
    long rows = groups.stream().mapToLong(RowGroup::getNum_rows).sum();
    return ParquetMetadata.footer(metadata(groups, rows).setKey_value_metadata(notes));
  }

  private FileMetaData metadata(List<RowGroup> groups, long rows) {
    List<ColumnOrder> orders =
        columns.leaves().stream()
            .map(leaf -> ColumnOrder.TYPE_ORDER(new TypeDefinedOrder()))
            .toList();
    return new FileMetaData(VERSION, columns.elements(), rows, groups)
        .setCreated_by(CREATED_BY)
        .setColumn_orders(orders);
  }
}
