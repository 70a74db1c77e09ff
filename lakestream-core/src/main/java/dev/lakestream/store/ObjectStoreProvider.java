// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.net.URI;
import java.util.Map;
import java.util.Set;

/** Opens stores of some URI schemes; found by {@link java.util.ServiceLoader}. */
public interface ObjectStoreProvider {
  /** The schemes that this provider answers for, in lower case. */
  Set<String> schemes();

  /**
   * Opens the store below a URI.
   *
   * @param options settings by name; a provider reads those that begin with one of its schemes and
   *     a dot, and refuses the ones among them that it does not know
   */
  ObjectStore open(URI root, Map<String, String> options);
}
