// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import dev.lakestream.error.InvalidRequestException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the store that a URI means. */
public final class ObjectStores {
  /** How far a put to a local directory goes: {@code sync} (the default) or {@code process}. */
  public static final String LOCAL_DURABILITY = "local.durability";

  private static final String FORK = "forks/[A-Za-z0-9][A-Za-z0-9._-]{0,127}";
  private static final Pattern FORKED =
      Pattern.compile("(.*?)((?:^|/)" + FORK + "(?:/" + FORK + ")*)/*");

  private ObjectStores() {}

  /**
   * Opens the store below a root: a local path, a {@code file:} URI, or a URI of a scheme that a
   * provider on the class path answers for. A root that ends with {@code forks/<name>} is opened as
   * a folder of the store above it, so that a fork can reach its parent.
   */
  public static ObjectStore open(String root, Map<String, String> options) {
    Matcher forked = FORKED.matcher(root);
    if (!forked.matches()) {
      return openOutermost(root, options);
    }
    String folder = forked.group(2);
    boolean atTop = forked.group(1).isEmpty();
    String above = atTop ? (folder.startsWith("/") ? "/" : ".") : forked.group(1);
    ObjectStore outermost = openOutermost(above, options);
    return FolderStore.of(outermost, folder.startsWith("/") ? folder.substring(1) : folder);
  }

  private static ObjectStore openOutermost(String root, Map<String, String> options) {
    if (root.isBlank()) {
      throw new InvalidRequestException("the URI of the stream is empty");
    }
    if (!root.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
      return local(localPath(root), options);
    }
    URI uri = uri(root);
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    if (scheme.equals("file")) {
      return local(fileUriPath(uri), options);
    }
    Set<String> known = new TreeSet<>(Set.of("file"));
    for (ObjectStoreProvider provider : ServiceLoader.load(ObjectStoreProvider.class)) {
      if (provider.schemes().contains(scheme)) {
        return provider.open(uri, options);
      }
      known.addAll(provider.schemes());
    }
    throw new InvalidRequestException(
        "no store for '" + scheme + ":' is on the class path; known schemes: " + known);
  }

  private static ObjectStore local(Path path, Map<String, String> options) {
    String durability = options.getOrDefault(LOCAL_DURABILITY, "sync");
    return switch (durability) {
      case "sync" -> LocalObjectStore.at(path, LocalObjectStore.Durability.SYNC);
      case "process" -> LocalObjectStore.at(path, LocalObjectStore.Durability.PROCESS);
      default ->
          throw new InvalidRequestException(
              LOCAL_DURABILITY + " is '" + durability + "', it must be 'sync' or 'process'");
    };
  }

  private static Path localPath(String root) {
    try {
      return Path.of(root);
    } catch (InvalidPathException e) {
      throw new InvalidRequestException("'" + root + "' is no path: " + e.getReason());
    }
  }

  private static Path fileUriPath(URI uri) {
    if (uri.getPath() == null || (uri.getHost() != null && !uri.getHost().isEmpty())) {
      throw new InvalidRequestException(
          "'" + uri + "' is no local file URI: file:/path or file:///path is wanted");
    }
    return localPath(uri.getPath());
  }

  private static URI uri(String root) {
    try {
      return new URI(root);
    } catch (URISyntaxException e) {
      // The reason alone: a URI that someone mistyped may hold credentials.
      throw new InvalidRequestException("the stream's URI is malformed: " + e.getReason());
    }
  }
}
