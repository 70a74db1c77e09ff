// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.IOException;

/** There is no object of this key. */
public final class ObjectNotFoundException extends IOException {
  private static final long serialVersionUID = 1L;

  public ObjectNotFoundException(ObjectKey key, Object root) {
    super("no object " + key + " under " + root);
  }
}
