// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.parquet;

import org.apache.parquet.format.Type;

/**
 * How the values of a vector without children are Parquet's.
 *
 * @param width bytes of a value in the vector, or of an offset
 * @param length bytes of a value of {@code FIXED_LEN_BYTE_ARRAY}, otherwise 0
 */
record LeafType(Type physical, Form form, int width, int length) {
  enum Form {
    /** There are none: all is null. */
    NOTHING,
    /** Bits, the lowest one first. */
    BITS,
    /** The same bytes. */
    SAME,
    /** One or two bytes with a sign, which become four. */
    SIGNED,
    /** One or two bytes without a sign, which become four. */
    UNSIGNED,
    /** The same bytes, the highest one first. */
    REVERSED,
    /** A length of four bytes, and so many bytes. */
    VARIABLE
  }

  static LeafType same(Type physical, int width) {
    return new LeafType(physical, Form.SAME, width, 0);
  }

  static LeafType fixed(Form form, int width) {
    return new LeafType(Type.FIXED_LEN_BYTE_ARRAY, form, width, width);
  }

  static LeafType of(Type physical, Form form, int width) {
    return new LeafType(physical, form, width, 0);
  }

  /** Bytes of a value in a page, where all have as many. */
  int stored() {
    return form == Form.SIGNED || form == Form.UNSIGNED ? Integer.BYTES : width;
  }
}
