// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.store.ObjectKey;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.BlockLocation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which hosts hold the blocks of a range, in a file system that keeps its blocks on hosts. */
final class RangeHosts {
  private static final Logger LOG = LoggerFactory.getLogger(RangeHosts.class);

  private final HadoopRoot root;

  RangeHosts(HadoopRoot root) {
    this.root = root;
  }

  /** Those with most bytes of the range first. */
  List<String> of(ObjectKey key, long offset, long length) {
    if (!HadoopObjectStoreProvider.knowsHosts(root.uri())) {
      return List.of();
    }
    Map<String, Long> bytes = new HashMap<>();
    try {
      BlockLocation[] blocks = root.files().getFileBlockLocations(root.path(key), offset, length);
      for (BlockLocation block : blocks) {
        long from = Math.max(offset, block.getOffset());
        long to = Math.min(offset + length, block.getOffset() + block.getLength());
        for (String host : block.getHosts()) {
          bytes.merge(host, Math.max(0, to - from), Long::sum);
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("nobody tells where {} is: {}", key, e.getMessage());
    }
    return bytes.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .toList();
  }
}
