// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;

/**
 * Where the authority of a {@code lakestream://} URI leads: to the root that the configuration
 * gives a mount of this name, or, where it has a {@code +}, to the root that it spells itself.
 *
 * <p>Upper case is refused: Hadoop's cache of file systems does not tell {@code A} from {@code a},
 * and would hand out one stream for the other.
 *
 * @param authority as in the URI
 * @param root URI of the stream
 * @param options of its store, see {@code docs/storage.md}
 * @param producer under which steps are committed; by default one of its own for each file system
 */
record Mount(
    String authority, String root, Map<String, String> options, Optional<String> producer) {
  static final String SCHEME = "lakestream";
  private static final String PREFIX = "fs.lakestream.";
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]*");
  private static final Pattern SPELT = Pattern.compile("[a-z][a-z0-9]*(?:\\+[a-z0-9._:=-]*)+");

  Mount {
    options = Map.copyOf(options);
  }

  /**
   * What a URI means.
   *
   * @throws InvalidRequestException if it means nothing; says what to do
   */
  static Mount of(URI uri, Configuration configuration) {
    String authority = Optional.ofNullable(uri.getAuthority()).orElse("");
    if (authority.isEmpty()) {
      throw new InvalidRequestException(
          "the URI names no stream: lakestream://<mount>/… is wanted, with fs.lakestream.mount."
              + "<mount>.root in the configuration");
    }
    if (authority.contains("@")) {
      // Not repeated: somebody may have written credentials into it.
      throw new InvalidRequestException(
          "a lakestream URI has no user and no password: the store takes credentials from its own"
              + " chain");
    }
    Map<String, String> options = new TreeMap<>(withPrefix(configuration, PREFIX + "option."));
    if (SPELT.matcher(authority).matches()) {
      return new Mount(authority, spelt(authority), options, producer(configuration, PREFIX));
    }
    if (!NAME.matcher(authority).matches()) {
      throw new InvalidRequestException(
          "'"
              + authority
              + "' is neither the name of a mount, [a-z0-9][a-z0-9._-]*, nor a root spelt with +,"
              + " such as s3+bucket+prefix; whatever has other characters needs a mount");
    }
    String mount = PREFIX + "mount." + authority + ".";
    options.putAll(withPrefix(configuration, mount + "option."));
    return new Mount(
        authority, root(configuration, mount), options, producer(configuration, mount));
  }

  /** Opens the store below the root. */
  ObjectStore open() {
    return ObjectStores.open(root, options);
  }

  /** The mount's root directory in the file system. */
  URI uri() {
    return URI.create(SCHEME + "://" + authority);
  }

  private static String root(Configuration configuration, String mount) {
    String root = configuration.getTrimmed(mount + "root", "");
    if (root.isEmpty()) {
      throw new InvalidRequestException(
          "there is no mount of this name: set " + mount + "root to the URI of the stream");
    }
    if (root.toLowerCase(Locale.ROOT).startsWith(SCHEME + ":")) {
      throw new InvalidRequestException(
          mount + "root leads to another mount: name the store's URI");
    }
    return root;
  }

  private static String spelt(String authority) {
    List<String> parts = Arrays.asList(authority.split("\\+", -1));
    return parts.get(0) + "://" + String.join("/", parts.subList(1, parts.size()));
  }

  private static Optional<String> producer(Configuration configuration, String prefix) {
    return Optional.of(configuration.getTrimmed(prefix + "producer", ""))
        .filter(name -> !name.isEmpty());
  }

  private static Map<String, String> withPrefix(Configuration configuration, String prefix) {
    return configuration.getPropsWithPrefix(prefix);
  }
}
