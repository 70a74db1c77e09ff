// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * On which hosts the bytes of a cell are, where its bundle lies in a file system that knows: the
 * bundle's block locations, in terms of the slot's file.
 */
final class CellLocations {
  private static final Logger LOG = LoggerFactory.getLogger(CellLocations.class);
  private static final Set<String> TELLING = Set.of("hdfs", "webhdfs", "viewfs", "ofs", "o3fs");

  private CellLocations() {}

  /**
   * The blocks of a part of a slot's file; empty if its store does not tell. Advice, so it never
   * fails.
   *
   * @param start of the part in the file
   */
  static Optional<BlockLocation[]> of(
      CellAddress address, long start, long length, Configuration configuration) {
    java.net.URI root = address.store().root();
    String scheme = Optional.ofNullable(root.getScheme()).orElse("").toLowerCase(Locale.ROOT);
    if (!TELLING.contains(scheme)) {
      return Optional.empty();
    }
    // The cell is all of the file but a few hundred bytes; its run is fetched with it.
    Path bundle = new Path(new Path(root), address.bundle().key().value());
    try {
      FileSystem files = bundle.getFileSystem(configuration);
      BlockLocation[] blocks =
          files.getFileBlockLocations(bundle, address.runStart(), address.runLength());
      return Optional.of(hosts(blocks, start, length)).filter(found -> found.length > 0);
    } catch (IOException | RuntimeException e) {
      LOG.debug("nobody tells where {} is: {}", bundle, e.getMessage());
      return Optional.empty();
    }
  }

  /** One location, on the hosts of all blocks: a cell is always read as a whole. */
  private static BlockLocation[] hosts(BlockLocation[] blocks, long start, long length)
      throws IOException {
    List<String> names = new ArrayList<>();
    List<String> hosts = new ArrayList<>();
    for (BlockLocation block : blocks) {
      names.addAll(List.of(block.getNames()));
      hosts.addAll(List.of(block.getHosts()));
    }
    if (hosts.isEmpty()) {
      return new BlockLocation[0];
    }
    return new BlockLocation[] {
      new BlockLocation(
          names.stream().distinct().toArray(String[]::new),
          hosts.stream().distinct().toArray(String[]::new),
          start,
          length)
    };
  }
}
