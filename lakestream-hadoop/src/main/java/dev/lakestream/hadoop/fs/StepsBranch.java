// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.arrow.bundle.CellFile;
import dev.lakestream.arrow.bundle.RunDirectory;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.BundleFormat;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.stream.CommittedGroup;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * {@code steps/<step>/slot-0003.arrow} (or {@code .parquet}): the readable steps of a view, each
 * with a file for each slot. A step's time is that of its commit.
 */
final class StepsBranch implements Branch {
  private static final Pattern STEP = Pattern.compile("\\d{20}");

  private final StreamView view;
  private final CellLengthCache lengths;
  private final Map<FrameKey, CellFile> frames = new HashMap<>();

  private record FrameKey(BundleFormat format, int schema, int pieces) {}

  /** What all steps of a view add up to. */
  record Summary(long steps, long files, long bytes) {}

  StepsBranch(StreamView view, CellLengthCache lengths) {
    this.view = view;
    this.lengths = lengths;
  }

  @Override
  public Entry find(List<String> names) throws IOException {
    if (names.isEmpty()) {
      return Entry.folder(StreamPath.STEPS, view.state().time());
    }
    long step = step(names.get(0));
    CommittedGroup group = view.groupOf(step);
    if (names.size() == 1) {
      return Entry.folder(names.get(0), group.time());
    }
    StepCells cells = new StepCells(view, group, step);
    return entry(group, cells, slot(names, group, cells));
  }

  @Override
  public RemoteIterator<Entry> list(List<String> names) throws IOException {
    if (names.isEmpty()) {
      return new Steps();
    }
    long step = step(names.get(0));
    CommittedGroup group = view.groupOf(step);
    StepCells cells = new StepCells(view, group, step);
    if (names.size() > 1) {
      throw Branch.missing(slot(names, group, cells).in(group) + " is a file");
    }
    return Listings.of(
        IntStream.range(0, group.slots())
            .boxed()
            .flatMap(
                slot ->
                    IntStream.range(0, group.pieces())
                        .mapToObj(piece -> new SlotName(slot, piece, cells.format(slot))))
            .toList(),
        name -> entry(group, cells, name));
  }

  @Override
  public Content open(List<String> names) throws IOException {
    CellAddress address = address(names);
    CommittedGroup group = view.groupOf(address.step());
    long length = view.read(address, () -> lengths.length(address));
    CellFile frame = frame(group, address.bundle().format());
    return new SlotContent(view, address, frame, length);
  }

  /** Where the cell is that a file is made of. */
  CellAddress address(List<String> names) throws IOException {
    if (names.isEmpty()) {
      throw Branch.missing("steps is a folder");
    }
    long step = step(names.get(0));
    CommittedGroup group = view.groupOf(step);
    StepCells cells = new StepCells(view, group, step);
    return cells.address(slot(names, group, cells));
  }

  /** The name of a step's folder: names sort as steps do. */
  static String name(long step) {
    return String.format(Locale.ROOT, "%020d", step);
  }

  /** Counts files and bytes; what the log says is enough but for steps gathered of many bundles. */
  Summary summary() throws IOException {
    Summary sum = new Summary(0, 0, 0);
    long step = view.firstReadable();
    while (step < view.nextStep()) {
      CommittedGroup group = view.groupOf(step);
      long steps = group.nextStep() - step;
      boolean whole = group.isWholeBundle() && step == group.firstStep();
      if (whole && steps == group.sources(step).get(0).bundle().steps()) {
        long files = steps * group.slots() * group.pieces();
        BundleDescriptor bundle = group.sources(step).get(0).bundle();
        long frames = files * frame(group, bundle.format()).length(0);
        sum = plus(sum, steps, files, cellBytes(bundle) + frames);
      } else {
        for (; step < group.nextStep(); step++) {
          sum = plusOneByOne(sum, step);
        }
      }
      step = group.nextStep();
    }
    return sum;
  }

  private Summary plusOneByOne(Summary sum, long step) throws IOException {
    long bytes = 0;
    long files = 0;
    RemoteIterator<Entry> entries = list(List.of(name(step)));
    while (entries.hasNext()) {
      bytes += entries.next().length();
      files++;
    }
    return plus(sum, 1, files, bytes);
  }

  private static Summary plus(Summary sum, long steps, long files, long bytes) {
    return new Summary(sum.steps() + steps, sum.files() + files, sum.bytes() + bytes);
  }

  private static long cellBytes(BundleDescriptor bundle) {
    int runs = bundle.runs().runs();
    return bundle.runs().start(runs)
        - bundle.runs().start(0)
        - (long) runs * RunDirectory.length(bundle.steps());
  }

  private Entry entry(CommittedGroup group, StepCells cells, SlotName name) throws IOException {
    CellAddress address = cells.address(name);
    long cell = view.read(address, () -> lengths.length(address));
    return Entry.file(name.in(group), frame(group, name.format()).length(cell), group.time());
  }

  private synchronized CellFile frame(CommittedGroup group, BundleFormat format)
      throws IOException {
    FrameKey key = new FrameKey(format, group.schema(), group.pieces());
    CellFile known = frames.get(key);
    if (known == null) {
      StreamSchema schema = view.state().schemas().get(group.schema()).schema();
      known = CellFile.of(format, schema, group.pieces());
      frames.put(key, known);
    }
    return known;
  }

  private long step(String name) throws IOException {
    Optional<Long> step =
        Optional.of(name)
            .filter(digits -> STEP.matcher(digits).matches())
            .filter(digits -> digits.compareTo(name(Long.MAX_VALUE)) <= 0)
            .map(Long::parseLong)
            .filter(view::contains);
    if (step.isEmpty()) {
      throw Branch.missing(
          "there is no step '"
              + name
              + "' in this view, which has the steps ["
              + view.firstReadable()
              + ", "
              + view.nextStep()
              + ") by version "
              + view.state().version());
    }
    return step.get();
  }

  private static SlotName slot(List<String> names, CommittedGroup group, StepCells cells)
      throws IOException {
    if (names.size() == 1) {
      throw new java.io.FileNotFoundException(names.get(0) + " is a folder");
    }
    Optional<SlotName> slot = SlotName.parse(names.get(1), group, cells);
    if (slot.isEmpty() || names.size() > 2) {
      throw Branch.missing(
          "step "
              + names.get(0)
              + " has no '"
              + String.join("/", names.subList(1, names.size()))
              + "': it has "
              + group.slots()
              + " slots and "
              + group.pieces()
              + " pieces");
    }
    return slot.get();
  }

  /** The folders of all steps, group by group as they are asked for. */
  private final class Steps implements RemoteIterator<Entry> {
    private long next = view.firstReadable();
    private long groupEnd = next;
    private long time;

    @Override
    public boolean hasNext() {
      return next < view.nextStep();
    }

    @Override
    public Entry next() throws IOException {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (next >= groupEnd) {
        CommittedGroup group = view.groupOf(next);
        groupEnd = group.nextStep();
        time = group.time();
      }
      return Entry.folder(name(next++), time);
    }
  }
}
