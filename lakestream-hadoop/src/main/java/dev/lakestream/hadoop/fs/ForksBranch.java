// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.fork.ForkListing;
import dev.lakestream.fork.Forks;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.RemoteIterator;

/** {@code forks/}: the names of the live forks. What is below each is a view of its own. */
final class ForksBranch implements Branch {
  private final StreamView view;

  ForksBranch(StreamView view) {
    this.view = view;
  }

  @Override
  public Entry find(List<String> names) throws IOException {
    if (!names.isEmpty()) {
      throw Branch.missing("there is no forks/" + String.join("/", names) + " in a former version");
    }
    return Entry.folder(StreamPath.FORKS, view.state().time());
  }

  @Override
  public RemoteIterator<Entry> list(List<String> names) throws IOException {
    find(names);
    List<Entry> live =
        new Forks(view.stream())
            .list().stream()
                .filter(fork -> fork.state() == ForkListing.State.LIVE)
                .map(
                    fork ->
                        Entry.folder(
                            fork.name(),
                            fork.document().map(document -> document.created()).orElse(0L)))
                .toList();
    return Listings.of(live, entry -> entry);
  }

  @Override
  public Content open(List<String> names) throws IOException {
    throw Branch.missing(find(names).name() + " is a folder");
  }
}
