// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.format;

/**
 * The limits of {@code docs/format.md} §1: whatever exceeds one is refused before it is allocated.
 */
public final class Limits {
  public static final int FORMAT_VERSION = 1;
  public static final int SMALL_OBJECT_BYTES = 1 << 20;
  public static final int SEGMENT_BYTES = 16 << 20;
  public static final int STATE_BYTES = 4096;
  public static final int ATTRIBUTE_BYTES = 4096;
  public static final int TAGS = 32;
  public static final int TAG_LENGTH = 64;
  public static final int SOURCES = 256;
  public static final int SOURCE_LENGTH = 128;
  public static final int ATTACHMENTS = 1024;
  public static final int SLOTS = 65_536;
  public static final int PIECES = 1024;
  public static final int RUNS = 1_048_576;
  public static final int BUNDLE_STEPS = 65_536;
  public static final int COMMIT_STEPS = 1_048_576;
  public static final int ACTIONS = 1024;
  public static final long BUNDLE_BYTES = 1L << 43;
  public static final int NESTING = 64;
  public static final int TYPE_NESTING = 16;
  public static final int FIELDS = 4096;
  public static final int FIELD_NAME_LENGTH = 255;
  public static final int WRITER_LENGTH = 128;
  public static final int IDEMPOTENCE_LENGTH = 256;
  public static final int REASON_LENGTH = 1024;
  public static final int INDEX_DEPTH = 4;
  public static final long MAX_INTEGER = (1L << 53) - 1;

  /** Above this an entry's steps go into segments. A duty of writers only. */
  public static final int INLINE_ENTRY_BYTES = 64 << 10;

  private Limits() {}
}
