// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.log.Action;
import dev.lakestream.log.Attachment;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CellRange;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.ProducerStamp;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.schema.ColumnType;
import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** Appends entries of all kinds to a history, most of them valid, drawn from a seed. */
public final class RandomHistory {
  /** All producers that may appear. */
  public static final List<String> PRODUCERS =
      IntStream.range(0, 9).mapToObj(i -> "producer-" + i).toList();

  /** All idempotence keys that may appear; not all are ASCII. */
  public static final List<String> KEYS =
      IntStream.range(0, 40)
          .mapToObj(i -> List.of("night/", "ä", "\uFFFD", "\uD83D\uDE00").get(i % 4) + i)
          .toList();

  private final History history;
  private final Random random;

  public RandomHistory(History history, Random random) {
    this.history = history;
    this.random = random;
  }

  /** One more entry. */
  public void step() {
    String producer = PRODUCERS.get(random.nextInt(PRODUCERS.size()));
    Optional<ProducerState> known = history.fold().producer(producer);
    int kind = random.nextInt(20);
    if (known.isEmpty() || kind == 0) {
      history.open(producer);
    } else if (kind < 4) {
      history.act(action(producer, known.get()));
    } else if (kind == 4) {
      zombie(producer, known.get());
    } else {
      history.commit(
          producer, content(producer, known.get()), attachments(producer, known.get()), key());
    }
  }

  private Optional<String> key() {
    return random.nextInt(3) == 0
        ? Optional.of(KEYS.get(random.nextInt(KEYS.size())))
        : Optional.empty();
  }

  private void zombie(String producer, ProducerState known) {
    history.append(
        entry ->
            entry.with(
                new ProducerStamp(producer, known.epoch() + 1 + random.nextInt(2), 1),
                Optional.of("never"),
                List.of(),
                key(),
                CommitContent.none()));
  }

  private List<Attachment> attachments(String producer, ProducerState known) {
    List<Attachment> kept = new ArrayList<>();
    for (Attachment attachment : known.attachments()) {
      if (random.nextBoolean()) {
        kept.add(attachment);
      }
    }
    if (random.nextInt(3) == 0) {
      kept.add(new Attachment("rest-" + kept.size(), history.bundle(producer, 1)));
    }
    return kept;
  }

  /** Whole bundles, cells of several, or nothing. */
  public CommitContent.Inline content(String producer, ProducerState known) {
    List<BundleDescriptor> bundles = new ArrayList<>();
    List<StepGroup> groups = new ArrayList<>();
    for (Attachment attachment : known.attachments()) {
      if (random.nextBoolean()) {
        bundles.add(attachment.bundle());
      }
    }
    for (int i = random.nextInt(3); i >= 0; i--) {
      int steps = 1 + random.nextInt(4);
      bundles.add(history.bundle(producer, steps));
      List<StepRecord> records = new ArrayList<>();
      for (int k = 0; k < steps; k++) {
        records.add(record());
      }
      groups.add(new StepGroup.BundleGroup(bundles.size() - 1, records));
    }
    if (random.nextInt(3) == 0) {
      List<CellRange> cells = new ArrayList<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        int bundle = random.nextInt(bundles.size());
        int slot = random.nextInt(8);
        cells.add(
            new CellRange(
                bundle,
                slot,
                1 + random.nextInt(8 - slot),
                random.nextInt(bundles.get(bundle).steps())));
      }
      groups.add(random.nextInt(groups.size() + 1), new StepGroup.CellGroup(cells, record()));
    }
    return new CommitContent.Inline(bundles, groups);
  }

  private StepRecord record() {
    StepRecord plain = Samples.step(random.nextLong());
    if (random.nextBoolean()) {
      return plain;
    }
    return new StepRecord(
        random.nextInt(1000),
        random.nextInt(1_000_000),
        random.nextInt(3) == 0 ? StepRecord.UNSAID : random.nextInt(1000),
        plain.digest(),
        Map.of("web", 3L, "cöde", 4L),
        List.of("warmup"),
        Map.of("lr", "3e-4"));
  }

  private Action action(String producer, ProducerState known) {
    long next = history.state().nextStep();
    long first = history.state().firstReadable();
    return switch (random.nextInt(7)) {
      case 0 -> new Action.Defaults(1 + random.nextInt(64), 1 + random.nextInt(4));
      case 1 -> new Action.Skip(Math.max(0, next - 1 - random.nextInt(9)), next, "some reason");
      case 2 -> new Action.TrimIntent(first + (next - first) / 4);
      case 3 ->
          history
              .state()
              .intent()
              .<Action>map(intent -> new Action.Trim(intent.to(), intent.version()))
              .orElse(new Action.Trim(0, 0));
      case 4 ->
          new Action.CancelIntent(
              history.state().intent().map(intent -> intent.version()).orElse(0L));
      case 5 -> new Action.Retire(producer, known.epoch());
      default -> new Action.AddSchema(wider());
    };
  }

  private StreamSchema wider() {
    StreamSchema newest = history.state().schema();
    List<Field> fields = new ArrayList<>(newest.fields());
    fields.add(Field.nullable("added-" + newest.id(), ColumnType.Simple.UTF8));
    return new StreamSchema(newest.id() + 1, fields, newest.sequence(), newest.boundaries());
  }
}
