// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.ColumnType.Simple;
import dev.lakestream.schema.Field;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;

/** A cell made by hand, two rows of lists of numbers, of which everything can be wrong. */
public final class HostileParquetCell {
  /** A list of numbers that may be null. */
  public static final List<Field> COLUMNS =
      List.of(Field.nullable("l", new ColumnType.ListOf(Field.nullable("element", Simple.INT32))));

  public static final int ROWS = 2;

  /** Levels of [1, 2] and [3]. */
  private final byte[] repetitions = {1 << 1, 0, 1 << 1, 1, 1 << 1, 0};

  private byte[] definitions = {3 << 1, 3};
  private int[] values = {1, 2, 3};
  private final PageHeader header =
      new PageHeader(PageType.DATA_PAGE, 0, 0)
          .setData_page_header(new DataPageHeader(3, Encoding.PLAIN, Encoding.RLE, Encoding.RLE));
  private Consumer<PageHeader> headerChange = same -> {};
  private Consumer<FileMetaData> footerChange = same -> {};
  private Consumer<ByteBuffer> fileChange = same -> {};

  private HostileParquetCell() {}

  /** A cell that is as it must be. */
  public static byte[] sound() {
    return new HostileParquetCell().build();
  }

  /** What there is, by what is wrong. */
  public static Map<String, byte[]> all() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    put(all, "no-magic", cell -> cell.fileChange = file -> file.put(file.capacity() - 1, (byte) 0));
    put(
        all,
        "footer-too-long",
        cell -> cell.fileChange = file -> file.putInt(file.capacity() - 8, 1 << 20));
    put(
        all,
        "footer-truncated",
        cell -> cell.fileChange = file -> file.putInt(file.capacity() - 8, 20));
    put(all, "footer-rows-differ", footer(file -> rows(file, 3)));
    put(all, "footer-no-rows", footer(file -> file.setNum_rows(0).setRow_groups(List.of())));
    put(
        all,
        "footer-two-row-groups",
        footer(file -> file.setRow_groups(List.of(group(file), group(file)))));
    put(all, "footer-another-schema", footer(file -> file.getSchema().get(1).setName("m")));
    put(all, "footer-chunk-outside", footer(file -> chunk(file).setData_page_offset(1L << 40)));
    put(all, "footer-chunk-negative", footer(file -> chunk(file).setData_page_offset(-4)));
    put(
        all,
        "footer-chunk-too-long",
        footer(file -> chunk(file).setTotal_compressed_size(Long.MAX_VALUE)));
    put(all, "footer-values-differ", footer(file -> chunk(file).setNum_values(4)));
    put(all, "footer-unknown-codec", footer(file -> chunk(file).setCodec(CompressionCodec.BROTLI)));
    put(all, "page-claims-too-much", header(page -> page.setUncompressed_page_size(1 << 30)));
    put(all, "page-outside", header(page -> page.setCompressed_page_size(1 << 20)));
    put(all, "page-negative", header(page -> page.setCompressed_page_size(-1)));
    put(
        all,
        "page-of-a-dictionary",
        header(page -> page.getData_page_header().setEncoding(Encoding.RLE_DICTIONARY)));
    put(
        all,
        "page-very-many-values",
        header(page -> page.getData_page_header().setNum_values(Integer.MAX_VALUE)));
    put(all, "levels-too-high", cell -> cell.definitions = new byte[] {3 << 1, 7});
    put(all, "levels-too-few", cell -> cell.definitions = new byte[] {2 << 1, 3});
    put(all, "levels-of-one-row", cell -> cell.repetitions[5] = 1);
    put(all, "values-too-few", cell -> cell.values = new int[] {1, 2});
    return all;
  }

  private static void put(
      Map<String, byte[]> all, String name, Consumer<HostileParquetCell> change) {
    HostileParquetCell cell = new HostileParquetCell();
    change.accept(cell);
    all.put("parquet-" + name, cell.build());
  }

  private static Consumer<HostileParquetCell> footer(Consumer<FileMetaData> change) {
    return cell -> cell.footerChange = change;
  }

  private static Consumer<HostileParquetCell> header(Consumer<PageHeader> change) {
    return cell -> cell.headerChange = change;
  }

  private static void rows(FileMetaData file, long rows) {
    file.setNum_rows(rows);
    group(file).setNum_rows(rows);
  }

  private static RowGroup group(FileMetaData file) {
    return file.getRow_groups().get(0);
  }

  private static ColumnMetaData chunk(FileMetaData file) {
    return group(file).getColumns().get(0).getMeta_data();
  }

  private byte[] build() {
    byte[] page = page();
    header.setUncompressed_page_size(page.length).setCompressed_page_size(page.length);
    headerChange.accept(header);
    byte[] head = ParquetMetadata.header(header);
    ParquetColumns columns = ParquetColumns.of(COLUMNS);
    ColumnMetaData chunk =
        new ColumnMetaData(
            columns.leaves().get(0).type().physical(),
            List.of(Encoding.PLAIN, Encoding.RLE),
            columns.leaves().get(0).names(),
            CompressionCodec.UNCOMPRESSED,
            3,
            head.length + page.length,
            head.length + page.length,
            4);
    RowGroup group =
        new RowGroup(
            List.of(new org.apache.parquet.format.ColumnChunk(4).setMeta_data(chunk)),
            head.length + page.length,
            ROWS);
    FileMetaData file = new FileMetaData(2, columns.elements(), ROWS, List.of(group));
    footerChange.accept(file);
    byte[] footer = ParquetMetadata.footer(file);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(ParquetMetadata.MAGIC);
    bytes.writeBytes(head);
    bytes.writeBytes(page);
    bytes.writeBytes(new byte[Math.floorMod(-(bytes.size() + footer.length), 64)]);
    bytes.writeBytes(footer);
    byte[] built = bytes.toByteArray();
    fileChange.accept(ByteBuffer.wrap(built).order(ByteOrder.LITTLE_ENDIAN));
    return built;
  }

  private byte[] page() {
    ByteBuffer page =
        ByteBuffer.allocate(8 + repetitions.length + definitions.length + 4 * values.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    page.putInt(repetitions.length).put(repetitions);
    page.putInt(definitions.length).put(definitions);
    for (int value : values) {
      page.putInt(value);
    }
    return page.array();
  }
}
