// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.kafka;

import java.util.SplittableRandom;

/** Bytes that nothing can make smaller. */
final class Payload {
  private Payload() {}

  static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(1).nextBytes(bytes);
    return bytes;
  }
}
