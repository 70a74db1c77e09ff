// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.nio.ByteBuffer;

/**
 * The bytes of a range outside of the Java heap: mapped, or read once. Using {@link #bytes()} after
 * {@link #close()} is undefined and may end the process, so whoever hands memory on must count its
 * users.
 */
public interface Region extends AutoCloseable {
  /** The range's bytes: a direct, little-endian buffer from 0 to the length asked for. */
  ByteBuffer bytes();

  /** Frees or unmaps the memory. Idempotent; doesn't throw. */
  @Override
  void close();
}
