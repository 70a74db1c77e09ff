// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

/** Bytes are not what an Arrow file or stream has there. Whoever knows the file names it. */
final class ArrowDamage extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ArrowDamage(String message) {
    super(message);
  }

  ArrowDamage(String message, Throwable cause) {
    super(message, cause);
  }
}
