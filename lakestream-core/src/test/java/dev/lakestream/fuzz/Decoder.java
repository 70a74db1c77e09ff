// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.fuzz;

import dev.lakestream.log.EntryJson;
import dev.lakestream.log.StreamDocumentJson;
import dev.lakestream.reader.Cursor;
import dev.lakestream.snapshot.SegmentJson;
import dev.lakestream.snapshot.SegmentsForTests;
import dev.lakestream.snapshot.SnapshotJson;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Everything that decodes bytes which came from outside. */
enum Decoder {
  STREAM {
    @Override
    void decode(UUID stream, byte[] content) {
      StreamDocumentJson.decode("stream.json", content);
    }
  },
  ENTRY {
    @Override
    void decode(UUID stream, byte[] content) {
      EntryJson.decode("log/x", 1, content);
    }
  },
  ROOT {
    @Override
    void decode(UUID stream, byte[] content) {
      SnapshotJson.decode("snapshots/x", 1, content);
    }
  },
  COMMIT_SEGMENT {
    @Override
    void decode(UUID stream, byte[] content) {
      SegmentJson.decodeContent("data/x", stream, content);
    }
  },
  INDEX_LEAF {
    @Override
    void decode(UUID stream, byte[] content) {
      SegmentsForTests.leaf(stream, content);
    }
  },
  INDEX_NODE {
    @Override
    void decode(UUID stream, byte[] content) {
      SegmentsForTests.node(stream, content);
    }
  },
  KEYED_NODE {
    @Override
    void decode(UUID stream, byte[] content) {
      SegmentsForTests.keyedNode(stream, content);
    }
  },
  PRODUCERS {
    @Override
    void decode(UUID stream, byte[] content) {
      SegmentsForTests.producers(stream, content);
    }
  },
  KEYS {
    @Override
    void decode(UUID stream, byte[] content) {
      SegmentsForTests.keys(stream, content);
    }
  },
  CURSOR {
    @Override
    void decode(UUID stream, byte[] content) {
      Cursor.fromJson(new String(content, StandardCharsets.UTF_8));
    }
  };

  /** Decodes, or throws. */
  abstract void decode(UUID stream, byte[] content);
}
