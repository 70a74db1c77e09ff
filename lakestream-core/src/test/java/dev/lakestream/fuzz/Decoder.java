// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.fuzz;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.EntryJson;
import dev.lakestream.log.StreamDocumentJson;
import dev.lakestream.reader.Cursor;
import dev.lakestream.retention.HeartbeatJson;
import dev.lakestream.retention.PinJson;
import dev.lakestream.snapshot.SegmentJson;
import dev.lakestream.snapshot.SegmentsForTests;
import dev.lakestream.snapshot.SnapshotJson;
import dev.lakestream.store.ObjectKey;
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
  PIN {
    @Override
    void decode(UUID stream, byte[] content) {
      PinJson.decode(stream, PIN_KEY, content);
    }
  },
  HEARTBEAT {
    @Override
    void decode(UUID stream, byte[] content) {
      HeartbeatJson.decode(stream, StreamKeys.progress("run"), content);
    }
  },
  CURSOR {
    @Override
    void decode(UUID stream, byte[] content) {
      Cursor.fromJson(new String(content, StandardCharsets.UTF_8));
    }
  };

  /** Of checkpoint a of the job run. */
  static final ObjectKey PIN_KEY = StreamKeys.pin("run", "a", new UUID(0x4000, 1L << 63));

  /** Decodes, or throws. */
  abstract void decode(UUID stream, byte[] content);
}
