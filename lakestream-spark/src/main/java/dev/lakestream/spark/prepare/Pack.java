// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.prepare;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF4;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The SQL function {@code ls_pack(documents, length, padding, packing)}: an array of structs of an
 * id (bigint) and tokens (array of int) becomes an array of {@link #TYPE structs}, a sequence each.
 * The packing is {@code 'greedy'} or {@code 'best_fit'}. Of no documents it makes no sequence.
 */
public final class Pack implements UDF4<Seq<Row>, Integer, Integer, String, Row[]> {
  /** What it returns, for those who register it by the name of the class. */
  public static final String TYPE =
      "array<struct<tokens: array<int>, documents: array<int>, document_ids: array<bigint>,"
          + " positions: array<int>>>";

  private static final long serialVersionUID = 1L;

  @Override
  public Row[] call(Seq<Row> documents, Integer length, Integer padding, String packing) {
    List<Row> sequences = new ArrayList<>();
    SequencePacker packer =
        Packing.named(packing).packer(length, padding, sequence -> sequences.add(row(sequence)));
    for (Row document : CollectionConverters.asJava(documents)) {
      List<Integer> tokens = document.getList(1);
      packer.add(document.getLong(0), tokens.stream().mapToInt(Integer::intValue).toArray());
    }
    packer.finish();
    return sequences.toArray(Row[]::new);
  }

  private static Row row(PackedSequence sequence) {
    return RowFactory.create(
        sequence.tokens().toArray(),
        sequence.documents().toArray(),
        sequence.ids().toArray(),
        sequence.positions().toArray());
  }
}
