// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.RemoteIterator;

/** A folder of small JSON files that are written when somebody looks at them. */
final class DocumentsBranch implements Branch {
  private static final String ENDING = ".json";

  private final String name;
  private final long time;
  private final Source source;

  /**
   * A document.
   *
   * @param name without ending
   */
  record Document(String name, String content, long time) {
    Entry entry() {
      return Entry.file(name + ENDING, bytes().length, time);
    }

    byte[] bytes() {
      return content.getBytes(StandardCharsets.UTF_8);
    }
  }

  /** Where documents come from. */
  interface Source {
    Optional<Document> find(String name) throws IOException;

    RemoteIterator<Document> all() throws IOException;
  }

  /**
   * A folder.
   *
   * @param time of its last change
   */
  DocumentsBranch(String name, long time, Source source) {
    this.name = name;
    this.time = time;
    this.source = source;
  }

  @Override
  public Entry find(List<String> names) throws IOException {
    return names.isEmpty() ? Entry.folder(name, time) : document(names).entry();
  }

  @Override
  public RemoteIterator<Entry> list(List<String> names) throws IOException {
    if (!names.isEmpty()) {
      throw Branch.missing(document(names).name() + ENDING + " is a file");
    }
    return Listings.of(source.all(), Document::entry);
  }

  @Override
  public Content open(List<String> names) throws IOException {
    if (names.isEmpty()) {
      throw Branch.missing(name + " is a folder");
    }
    return Content.of(document(names).bytes());
  }

  private Document document(List<String> names) throws IOException {
    String file = names.get(0);
    Optional<Document> found =
        names.size() == 1 && file.endsWith(ENDING)
            ? source.find(file.substring(0, file.length() - ENDING.length()))
            : Optional.empty();
    return found.orElseThrow(
        () -> Branch.missing("there is no " + name + "/" + String.join("/", names)));
  }
}
