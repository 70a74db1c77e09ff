// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.SealedJson;
import dev.lakestream.hadoop.fs.DocumentsBranch.Document;
import dev.lakestream.log.CondensedCommit;
import java.io.IOException;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * {@code commits/<version>.json}: each commit that made a readable step visible, also where its
 * entry in the log has been folded away.
 */
final class CommitDocuments implements DocumentsBranch.Source {
  private static final Pattern VERSION = Pattern.compile("\\d{20}");

  private final StreamView view;

  CommitDocuments(StreamView view) {
    this.view = view;
  }

  @Override
  public Optional<Document> find(String name) throws IOException {
    if (!VERSION.matcher(name).matches() || name.compareTo(StepsBranch.name(Long.MAX_VALUE)) > 0) {
      return Optional.empty();
    }
    return view.commitOfVersion(Long.parseLong(name)).map(this::document);
  }

  @Override
  public RemoteIterator<Document> all() {
    return new RemoteIterator<>() {
      private long next = view.firstReadable();

      @Override
      public boolean hasNext() {
        return next < view.nextStep();
      }

      @Override
      public Document next() throws IOException {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        CondensedCommit commit = view.commitOf(next);
        next = view.nextStepOf(commit);
        return document(commit);
      }
    };
  }

  private Document document(CondensedCommit commit) {
    ObjectNode json = SealedJson.object();
    json.put("version", commit.version())
        .put("digest", commit.digest().toString())
        .put("time", commit.time());
    json.putObject("producer")
        .put("id", commit.producer().id())
        .put("epoch", commit.producer().epoch())
        .put("sequence", commit.producer().sequence());
    json.putObject("steps")
        .put("from", view.firstStepOf(commit))
        .put("to", view.nextStepOf(commit));
    commit
        .repeat()
        .ifPresent(
            range -> json.putObject("repeat").put("from", range.from()).put("to", range.to()));
    return new Document(StepsBranch.name(commit.version()), json + "\n", commit.time());
  }
}
