// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.format.Digest;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Digests of rows: the same values give the same digest, here and in the Python implementation.
 *
 * <p>A row is encoded column by column, in the order of the schema, and hashed with SHA-256. A
 * column is its name in UTF-8, a zero byte, and its value:
 *
 * <table>
 * <caption>Encoding of values</caption>
 * <tr><th>value</th><th>encoding</th></tr>
 * <tr><td>null</td><td>00</td></tr>
 * <tr><td>integers; date, time, timestamp, duration, intervals of 4 or 8 bytes as their integer
 *     </td><td>01, 8 bytes, signed</td></tr>
 * <tr><td>floats</td><td>02, 8 bytes, an IEEE double</td></tr>
 * <tr><td>booleans</td><td>03, 00 or 01</td></tr>
 * <tr><td>utf8, binary, fixed-size binary; decimal128 as its 16 bytes</td><td>04, length, bytes
 *     </td></tr>
 * <tr><td>other lists; maps as lists of their entries</td><td>05, length, items</td></tr>
 * <tr><td>structs</td><td>06, then for each field its name, a zero byte, its value</td></tr>
 * <tr><td>lists of integers or floats without nulls</td><td>07, width in bytes as one byte, length,
 *     raw values</td></tr>
 * </table>
 *
 * <p>Everything is little-endian, lengths have 8 bytes.
 */
public final class RowDigest {
  private RowDigest() {}

  /** The digest of each row. */
  public static List<Digest> of(VectorSchemaRoot root) {
    List<Digest> digests = new ArrayList<>(root.getRowCount());
    MessageDigest sha = Digest.sha256();
    ValueHasher hasher = new ValueHasher(sha);
    for (int row = 0; row < root.getRowCount(); row++) {
      for (FieldVector column : root.getFieldVectors()) {
        hasher.name(column.getName());
        hasher.value(column, row);
      }
      digests.add(Digest.finish(sha));
    }
    return digests;
  }
}
