// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.metric;

/** Bytes of bundles that were uploaded. */
public final class BytesUploaded extends SizeOf {
  public static final String NAME = "lakestreamBytes";

  public BytesUploaded() {
    super(NAME, "Bytes of bundles that were uploaded");
  }
}
