// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.store.ObjectKey;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a store's objects are.
 *
 * @param bucket by name
 * @param prefix before each key: empty, or ends with a slash
 */
record S3Location(String bucket, String prefix) {
  private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,253}");

  /** What {@code s3://bucket/prefix} means. */
  static S3Location of(URI root) {
    // Never the URI itself in an error: somebody may have written credentials into it.
    if (root.getRawUserInfo() != null
        || root.getRawQuery() != null
        || root.getRawFragment() != null) {
      throw new InvalidRequestException(
          "an S3 root is s3://bucket/prefix, without user, query or fragment; credentials come"
              + " from the environment or a profile");
    }
    String bucket = root.getRawAuthority() == null ? "" : root.getRawAuthority();
    if (!BUCKET.matcher(bucket).matches()) {
      throw new InvalidRequestException("'" + bucket + "' is no bucket name");
    }
    String path = root.getPath().replaceFirst("^/", "").replaceFirst("/$", "");
    if (!path.isEmpty() && !ObjectKey.isValid(path)) {
      throw new InvalidRequestException(
          "'"
              + path
              + "' can't be a prefix: its segments are letters, digits and ._=- and none begins"
              + " with a dot");
    }
    return new S3Location(bucket, path.isEmpty() ? "" : path + "/");
  }

  /** The name of an object in the bucket. */
  String name(ObjectKey key) {
    return prefix + key.value();
  }

  /** The names of all objects in a folder begin with this. */
  String folder(ObjectKey folder) {
    return name(folder) + "/";
  }

  /** The key of a name in the bucket; a foreign object has none. */
  Optional<ObjectKey> key(String name) {
    if (!name.startsWith(prefix)) {
      return Optional.empty();
    }
    String key = name.substring(prefix.length());
    return ObjectKey.isValid(key) ? Optional.of(ObjectKey.of(key)) : Optional.empty();
  }

  URI uri() {
    return URI.create("s3://" + bucket + "/" + prefix);
  }

  @Override
  public String toString() {
    return uri().toString();
  }
}
