// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Gives a test class the HDFS that all of them share. It starts with the first and ends with the
 * last; nobody restarts or breaks it:
 *
 * <pre>{@code
 * @RegisterExtension static final HdfsExtension HDFS = new HdfsExtension();
 * }</pre>
 */
public final class HdfsExtension implements BeforeAllCallback {
  private Hdfs hdfs;

  @Override
  public void beforeAll(ExtensionContext context) {
    hdfs =
        context
            .getRoot()
            .getStore(Namespace.create(HdfsExtension.class))
            .computeIfAbsent(Hdfs.class, type -> start(), Hdfs.class);
  }

  private static Hdfs start() {
    try {
      return Hdfs.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The cluster; only after the class has begun. */
  public Hdfs hdfs() {
    return hdfs;
  }
}
