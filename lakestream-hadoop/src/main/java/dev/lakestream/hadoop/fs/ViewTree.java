// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * The files and folders of one view. {@code pins}, {@code forks} and {@code staging} are of no
 * version, so they are in the view at open only. Thread-safe.
 */
final class ViewTree implements Branch {
  private static final String STREAM = StreamKeys.STREAM.value();

  private final StreamView view;
  private final StepsBranch steps;
  private final Map<String, Branch> branches = new TreeMap<>();

  private ViewTree(StreamView view, CellLengthCache lengths) {
    this.view = view;
    this.steps = new StepsBranch(view, lengths);
    long time = view.state().time();
    branches.put(StreamPath.STEPS, steps);
    branches.put(
        StreamPath.COMMITS,
        new DocumentsBranch(StreamPath.COMMITS, time, new CommitDocuments(view)));
    branches.put(
        StreamPath.PRODUCERS,
        new DocumentsBranch(StreamPath.PRODUCERS, time, new ProducerDocuments(view)));
  }

  /** The tree of a former version. */
  static ViewTree ofVersion(StreamView view, CellLengthCache lengths) {
    return new ViewTree(view, lengths);
  }

  /** The tree of the view at open. */
  static ViewTree ofNewest(StreamView view, CellLengthCache lengths, StagingBranch staging) {
    ViewTree tree = new ViewTree(view, lengths);
    long time = view.state().time();
    tree.branches.put(StreamPath.PINS, new ObjectsBranch(view.live(), StreamKeys.PINS, time));
    tree.branches.put(StreamPath.FORKS, new ForksBranch(view));
    tree.branches.put(StreamPath.STAGING, staging);
    return tree;
  }

  StreamView view() {
    return view;
  }

  StepsBranch steps() {
    return steps;
  }

  @Override
  public Entry find(List<String> names) throws IOException {
    if (names.isEmpty()) {
      return Entry.folder("", view.state().time());
    }
    return names.equals(List.of(STREAM))
        ? Entry.file(STREAM, document().length, view.stream().document().created())
        : branch(names).find(below(names));
  }

  @Override
  public RemoteIterator<Entry> list(List<String> names) throws IOException {
    if (!names.isEmpty()) {
      return branch(names).list(below(names));
    }
    List<String> all = new ArrayList<>(branches.keySet());
    all.add(STREAM);
    all.sort(null);
    return Listings.of(all, name -> find(List.of(name)));
  }

  @Override
  public Content open(List<String> names) throws IOException {
    if (names.isEmpty()) {
      throw Branch.missing("the root is a folder");
    }
    return names.equals(List.of(STREAM))
        ? Content.of(document())
        : branch(names).open(below(names));
  }

  /** Where the cell is that a file is made of; empty if it is made of none. */
  Optional<CellAddress> cell(StreamPath place) throws IOException {
    boolean slot = place.names().size() == 3 && place.branch().equals(StreamPath.STEPS);
    return slot ? Optional.of(steps.address(place.below())) : Optional.empty();
  }

  private byte[] document() throws IOException {
    return view.live().get(StreamKeys.STREAM, Limits.SMALL_OBJECT_BYTES);
  }

  private Branch branch(List<String> names) throws IOException {
    Optional<Branch> branch = Optional.ofNullable(branches.get(names.get(0)));
    if (branch.isEmpty()) {
      throw Branch.missing(
          "there is no '" + names.get(0) + "' in a stream; there are " + branches.keySet());
    }
    return branch.get();
  }

  private static List<String> below(List<String> names) {
    return names.subList(1, names.size());
  }
}
