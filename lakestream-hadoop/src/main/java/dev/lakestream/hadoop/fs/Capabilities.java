// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.CommonPathCapabilities;

/** What can be done with a path, as {@code hasPathCapability} tells. */
final class Capabilities {
  private Capabilities() {}

  /** Yes, no, or empty: then Hadoop's default counts. */
  static Optional<Boolean> ofPath(StreamPath path, String capability) {
    return switch (capability.toLowerCase(Locale.ROOT)) {
      case CommonPathCapabilities.FS_READ_ONLY_CONNECTOR -> Optional.of(!path.isStaging());
      case CommonPathCapabilities.FS_APPEND,
          CommonPathCapabilities.FS_CONCAT,
          CommonPathCapabilities.FS_TRUNCATE,
          CommonPathCapabilities.FS_PERMISSIONS,
          CommonPathCapabilities.FS_ACLS,
          CommonPathCapabilities.FS_XATTRS,
          CommonPathCapabilities.FS_CHECKSUMS,
          CommonPathCapabilities.FS_SNAPSHOTS,
          CommonPathCapabilities.FS_SYMLINKS,
          CommonPathCapabilities.BULK_DELETE ->
          Optional.of(false);
      default -> Optional.empty();
    };
  }
}
