// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import dev.lakestream.hadoop.testing.HdfsExtension;
import dev.lakestream.testing.s3.S3Process;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Gives a test class places for streams on any kind of store. Servers start when they are first
 * needed, are shared by all classes and end with the last:
 *
 * <pre>{@code
 * @RegisterExtension static final Places PLACES = new Places();
 * }</pre>
 */
public final class Places implements BeforeAllCallback {
  private ExtensionContext context;

  /** Stores that one and the same test runs on. */
  public enum Kind {
    LOCAL,
    S3,
    HDFS
  }

  /**
   * Where a stream, or a folder of them, can be.
   *
   * @param options of the store
   */
  public record Place(String uri, Map<String, String> options) {
    /** A place below this one. */
    public Place below(String path) {
      return new Place(uri + "/" + path, options);
    }
  }

  @Override
  public void beforeAll(ExtensionContext testClass) {
    context = testClass;
  }

  /**
   * A place that nobody else uses.
   *
   * @param folder for one on the local store
   */
  public Place fresh(Kind kind, Path folder) {
    return switch (kind) {
      case LOCAL -> new Place(folder.resolve("lake").toString(), Map.of());
      case S3 -> new Place(s3().freshRoot(), s3().options());
      case HDFS -> new Place(hdfs().hdfs().freshRoot(), Map.of());
    };
  }

  private S3Process s3() {
    return context
        .getRoot()
        .getStore(Namespace.create(Places.class))
        .computeIfAbsent(S3Process.class, type -> startS3(), S3Process.class);
  }

  private static S3Process startS3() {
    try {
      return S3Process.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HdfsExtension hdfs() {
    HdfsExtension hdfs = new HdfsExtension();
    hdfs.beforeAll(context);
    return hdfs;
  }
}
