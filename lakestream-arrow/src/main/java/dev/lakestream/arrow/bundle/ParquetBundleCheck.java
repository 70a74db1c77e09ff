// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.arrow.parquet.MalformedParquetException;
import dev.lakestream.arrow.parquet.ParquetFileFooter;
import dev.lakestream.arrow.schema.ArrowSchemas;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Compares the footer of a Parquet bundle, which no reader of a stream looks at, with the bundle's
 * run directories: other tools must find in it the rows that readers get.
 */
public final class ParquetBundleCheck {
  private static final int MAX_FOOTER_BYTES = 1 << 30;

  private ParquetBundleCheck() {}

  /**
   * What is wrong with the footer, or empty.
   *
   * @param schema that of the bundle
   * @throws dev.lakestream.error.CorruptObjectException if a directory is damaged
   */
  public static Optional<String> problem(
      ObjectStore store, BundleDescriptor bundle, StreamSchema schema) throws IOException {
    ParquetFileFooter footer;
    try {
      footer = footer(store, bundle, ArrowSchemas.divided(schema, bundle.pieces()));
    } catch (MalformedParquetException e) {
      return Optional.of("is no Parquet file: " + e.getMessage());
    }
    if (!footer.fits()) {
      return Optional.of("has not the schema " + bundle.schema() + " in its footer");
    }
    return footer.groups().equals(groups(store, bundle))
        ? Optional.empty()
        : Optional.of("has other row groups in its footer than its directories have cells");
  }

  private static ParquetFileFooter footer(
      ObjectStore store, BundleDescriptor bundle, StreamSchema stored) throws IOException {
    long end = bundle.bytes() - ParquetFileFooter.TAIL_BYTES;
    long length;
    try (Region tail = store.read(bundle.key(), end, ParquetFileFooter.TAIL_BYTES)) {
      length = ParquetFileFooter.length(tail.bytes().slice().order(ByteOrder.LITTLE_ENDIAN));
    }
    if (length > end - bundle.runs().start(bundle.runs().runs()) || length > MAX_FOOTER_BYTES) {
      return ParquetFileFooter.read(stored.fields(), new byte[0]);
    }
    byte[] footer = new byte[(int) length];
    try (Region region = store.read(bundle.key(), end - length, footer.length)) {
      region.bytes().get(region.bytes().position(), footer);
    }
    return ParquetFileFooter.read(stored.fields(), footer);
  }

  /** Those that the footer should have: of each cell with rows one. */
  private static List<ParquetFileFooter.Group> groups(ObjectStore store, BundleDescriptor bundle)
      throws IOException {
    List<ParquetFileFooter.Group> groups = new ArrayList<>();
    for (int run = 0; run < bundle.runs().runs(); run++) {
      long start = bundle.runs().start(run);
      long length = bundle.runs().start(run + 1) - start;
      int wanted = (int) Math.min(length, RunDirectory.length(bundle.steps()));
      try (Region region = store.read(bundle.key(), start, wanted)) {
        RunDirectory directory =
            RunDirectory.decode(
                region.bytes(), bundle, run / bundle.slots(), run % bundle.slots(), length);
        for (int cell = 0; cell < directory.cells(); cell++) {
          if (directory.rows(cell) > 0) {
            groups.add(
                new ParquetFileFooter.Group(start + directory.start(cell), directory.rows(cell)));
          }
        }
      }
    }
    return groups;
  }
}
