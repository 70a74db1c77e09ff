// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/** A process that puts objects of a known content until somebody kills it. */
final class PuttingProcess {
  static final int SIZE = 1 << 20;

  private PuttingProcess() {}

  public static void main(String[] arguments) throws IOException {
    LocalObjectStore store =
        LocalObjectStore.at(Path.of(arguments[0]), LocalObjectStore.Durability.PROCESS);
    for (int i = 0; i < 100_000; i++) {
      ObjectKey key = ObjectKey.of("killed/" + arguments[1] + "/" + i);
      if (i % 3 == 0) {
        store.putIfAbsent(key, content(key));
      } else if (i % 3 == 1) {
        store.put(key, content(key));
      } else {
        try (ObjectUpload upload = store.upload(key)) {
          upload.write(ByteBuffer.wrap(content(key)));
          upload.finish();
        }
      }
      System.out.println("put");
    }
  }

  static byte[] content(ObjectKey key) {
    byte[] content = new byte[SIZE];
    Arrays.fill(content, (byte) key.hashCode());
    return content;
  }
}
