// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing.s3;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Gives a test class the S3 server in memory that all of them share. It starts with the first and
 * ends with the last:
 *
 * <pre>{@code
 * @RegisterExtension static final S3ServerExtension S3 = new S3ServerExtension();
 * }</pre>
 */
public final class S3ServerExtension implements BeforeAllCallback {
  private S3Server server;

  @Override
  public void beforeAll(ExtensionContext context) {
    server =
        context
            .getRoot()
            .getStore(Namespace.create(S3ServerExtension.class))
            .computeIfAbsent(S3Server.class, type -> start(), S3Server.class);
  }

  private static S3Server start() {
    try {
      return S3Server.inMemory();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The server; only after the class has begun. */
  public S3Server server() {
    return server;
  }
}
