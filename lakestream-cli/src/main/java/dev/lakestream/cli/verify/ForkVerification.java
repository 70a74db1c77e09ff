// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.verify;

import dev.lakestream.error.LakestreamException;
import dev.lakestream.fork.ForkListing;
import dev.lakestream.fork.Forks;
import dev.lakestream.store.FolderStore;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Looks at the forks of a stream: each has the pin that keeps what it reads (invariant 8), and each
 * finds its parent as it left it. What the forks have of their own is to be verified for each.
 */
final class ForkVerification {
  private final LakeStream stream;
  private final Findings findings;

  ForkVerification(LakeStream stream, Findings findings) {
    this.stream = stream;
    this.findings = findings;
  }

  void run() throws IOException {
    List<String> pins =
        stream.store().list(ObjectKey.of("pins/fork"), Optional.empty()).stream()
            .map(ObjectInfo::key)
            .map(ObjectKey::value)
            .toList();
    for (ForkListing fork : new Forks(stream).list()) {
      switch (fork.state()) {
        case LIVE -> verify(fork, pins);
        case DAMAGED -> findings.fault("the fork '" + fork.name() + "' has a broken stream.json");
        case UNFINISHED, HALF_DELETED -> findings.count("forks_half_made_or_half_deleted", 1);
        case DELETED -> findings.count("deleted_forks", 1);
      }
    }
  }

  private void verify(ForkListing fork, List<String> pins) throws IOException {
    findings.count("forks", 1);
    var document = fork.document().orElseThrow();
    long step = document.fork().orElseThrow().step();
    boolean pinned = pins.contains("pins/fork/" + fork.name() + "-" + document.id() + ".json");
    if (!pinned && document.fork().orElseThrow().firstReadable() < step) {
      findings.fault(
          "the fork '" + fork.name() + "' has no pin: a trim may take steps that it reads");
    }
    try {
      LakeStream opened =
          LakeStream.open(FolderStore.ofFork(stream.store(), fork.name()), stream.environment());
      if (opened.firstReadable() < step) {
        opened.groupOf(opened.firstReadable());
      }
    } catch (LakestreamException e) {
      findings.fault("the fork '" + fork.name() + "': " + e.getMessage());
    }
  }
}
