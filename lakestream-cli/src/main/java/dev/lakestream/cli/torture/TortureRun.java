// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import dev.lakestream.cli.Progress;
import dev.lakestream.log.Action;
import dev.lakestream.log.ProducerState;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.reader.Cursor;
import dev.lakestream.retention.DataReport;
import dev.lakestream.retention.Vacuum;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;

/** The torture from beginning to end. */
final class TortureRun {
  /** One in so many is killed although it has not committed yet: most are to get that far. */
  private static final int EARLY_DEATHS = 4;

  private static final long PATIENCE_SECONDS = 120;

  private final TortureSettings settings;
  private final Optional<FaultyWire> wire;
  private final Progress progress;
  private final Roles roles;
  private final SplittableRandom random;
  private final List<Victim> producers = new ArrayList<>();
  private final List<Victim> readers = new ArrayList<>();
  private final List<Victim> vacuums = new ArrayList<>();
  private long zombies;

  /**
   * @param wire what the settings' store leads through, if it is to break
   */
  TortureRun(TortureSettings settings, Optional<FaultyWire> wire, Progress progress) {
    this.settings = settings;
    this.wire = wire;
    this.progress = progress;
    this.roles = new Roles(settings);
    this.random = new SplittableRandom(settings.seed());
  }

  TortureReport run() throws IOException, InterruptedException {
    try (ObjectStore store = settings.store().open(settings.uri())) {
      LakeStream stream =
          LakeStream.create(
              store,
              StreamDefinition.of(SourceRows.fields(), SourceRows.SLOTS),
              Environment.system());
      try {
        start(stream);
        torment(stream);
        end(stream);
        return account(stream);
      } finally {
        producers.forEach(Victim::stop);
        readers.forEach(Victim::stop);
        vacuums.forEach(Victim::stop);
      }
    }
  }

  private void start(LakeStream stream) throws IOException, InterruptedException {
    progress.say(
        "Starting "
            + settings.producers()
            + " producers and "
            + settings.readers()
            + " readers, "
            + settings.pythonReaders()
            + " of them in Python, and a vacuum; seed "
            + settings.seed());
    for (int i = 0; i < settings.producers(); i++) {
      int number = i;
      producers.add(
          new Victim(
              "producer-" + number,
              settings.folder(),
              life -> roles.producer(number, life),
              Set.of(0, TortureProducerCommand.FENCED)));
    }
    for (int i = 0; i < settings.readers(); i++) {
      int rank = i;
      new ReaderPins(stream, rank).moveTo(0);
      readers.add(
          new Victim("reader-" + rank, settings.folder(), life -> roles.reader(rank), Set.of(0)));
    }
    vacuums.add(new Victim("vacuum", settings.folder(), life -> roles.vacuum(), Set.of(0)));
  }

  /** Those in Python write no pins. */
  private void pinForPython(LakeStream stream) throws IOException, InterruptedException {
    for (int rank = 0; rank < settings.pythonReaders(); rank++) {
      Optional<String> cursor =
          Journal.last(roles.delivered(rank)).map(line -> line.required("cursor").textValue());
      if (cursor.isPresent()) {
        new ReaderPins(stream, rank).moveTo(Cursor.fromJson(cursor.get()).nextStep());
      }
    }
  }

  /** Something happens to somebody, again and again. */
  private void torment(LakeStream stream) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    long duration = settings.duration().toNanos();
    try (ProgressBar bar = progress.bar("seconds", settings.duration().toSeconds())) {
      for (long spent = 0; spent < duration; spent = System.nanoTime() - begin) {
        bar.stepTo(TimeUnit.NANOSECONDS.toSeconds(spent));
        TimeUnit.MILLISECONDS.sleep(pauseMillis());
        harm();
        pinForPython(stream);
        wire.ifPresent(FaultyWire::count);
      }
      bar.stepTo(settings.duration().toSeconds());
    }
  }

  /** 0.4 to 1.6 times the average. */
  private long pauseMillis() {
    return Math.round(settings.pause().toMillis() * (0.4 + 1.2 * random.nextDouble()));
  }

  private void harm() throws IOException, InterruptedException {
    int number = random.nextInt(producers.size());
    Victim producer = producers.get(number);
    Victim reader = readers.get(random.nextInt(readers.size()));
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3, 4 -> {
        if (random.nextInt(EARLY_DEATHS) == 0 || hasCommitted(number)) {
          producer.kill();
        }
      }
      case 5, 6 -> reader.kill();
      case 7 -> {
        producer.putToSleep();
        zombies++;
      }
      case 8 -> reader.pause();
      case 9 -> vacuums.get(0).kill();
      case 10 -> vacuums.get(0).putToSleep();
      default -> {
        for (Victim victim : producers) {
          victim.wakeAll();
        }
        for (Victim victim : readers) {
          victim.wakeAll();
        }
        for (Victim victim : vacuums) {
          victim.wakeAll();
        }
      }
    }
  }

  /** Whether this life of a producer has achieved something. */
  private boolean hasCommitted(int number) throws IOException {
    Path journal = roles.acknowledged(number, producers.get(number).starts() - 1);
    return Files.exists(journal) && Files.size(journal) > 0;
  }

  /** Tells everybody to stop, and seals the stream when no producer is left. */
  private void end(LakeStream stream) throws IOException, InterruptedException {
    progress.say("Stopping the producers, sealing the stream, waiting for the readers");
    Files.createFile(roles.stopFile());
    for (Victim victim : producers) {
      victim.wakeAll();
      victim.await(PATIENCE_SECONDS);
    }
    for (Victim victim : vacuums) {
      victim.wakeAll();
      victim.await(PATIENCE_SECONDS);
    }
    new StreamControl(stream).commit(new Action.Seal());
    for (Victim victim : readers) {
      victim.wakeAll();
      victim.await(PATIENCE_SECONDS);
    }
  }

  /** When no session is left, nothing may be left that nobody needs. */
  private Optional<String> garbageLeft(LakeStream stream) throws IOException, InterruptedException {
    StreamControl control = new StreamControl(stream);
    for (ProducerState producer : stream.producers()) {
      control.commit(new Action.Retire(producer.id(), producer.epoch()));
    }
    new Vacuum(stream, TortureVacuumCommand.options(Duration.ZERO)).run();
    DataReport left = new Vacuum(stream, TortureVacuumCommand.options(Duration.ZERO)).run().data();
    return left.held().isEmpty() && left.deletedObjects() == 0
        ? Optional.empty()
        : Optional.of("garbage was left: " + left);
  }

  private TortureReport account(LakeStream stream) throws IOException, InterruptedException {
    progress.say("Accounting for every row");
    stream.refresh();
    Accounts accounts = new Accounts(settings.producers(), settings.readers());
    List<Path> journals = new ArrayList<>();
    for (int rank = 0; rank < settings.readers(); rank++) {
      journals.add(roles.delivered(rank));
    }
    accounts.deliver(journals);
    List<String> faults = new ArrayList<>();
    for (int number = 0; number < settings.producers(); number++) {
      String state =
          stream
              .producer(TortureProducerCommand.producer(number))
              .map(ProducerState::state)
              .orElse("");
      accounts.checkPosition(number, Position.of(state));
      for (int life = 0; life < producers.get(number).starts(); life++) {
        accounts.checkAcknowledged(number, roles.acknowledged(number, life));
      }
    }
    if (accounts.steps() != stream.state().nextStep()) {
      faults.add(
          "the stream has "
              + stream.state().nextStep()
              + " steps, "
              + accounts.steps()
              + " were delivered");
    }
    faults.addAll(accounts.faults());
    producers.forEach(victim -> faults.addAll(victim.faults()));
    readers.forEach(victim -> faults.addAll(victim.faults()));
    vacuums.forEach(victim -> faults.addAll(victim.faults()));
    garbageLeft(stream).ifPresent(faults::add);
    return new TortureReport(figures(stream, accounts), faults);
  }

  private Map<String, Long> figures(LakeStream stream, Accounts accounts) {
    Map<String, Long> figures = new LinkedHashMap<>();
    figures.put("producer_processes", sum(producers, Victim::starts));
    figures.put("producers_killed", sum(producers, Victim::kills));
    figures.put("producers_doubled", zombies);
    figures.put("reader_processes", sum(readers, Victim::starts));
    figures.put("readers_killed", sum(readers, Victim::kills));
    figures.put("vacuum_processes", sum(vacuums, Victim::starts));
    figures.put("first_readable_step", stream.state().firstReadable());
    figures.put("log_entries", stream.state().version() + 1);
    figures.put("acknowledged_commits", accounts.acknowledged());
    figures.put("steps", accounts.steps());
    figures.put("rows", accounts.rows());
    wire.ifPresent(faulty -> figures.putAll(faulty.figures()));
    return figures;
  }

  private static long sum(List<Victim> victims, java.util.function.ToIntFunction<Victim> figure) {
    return victims.stream().mapToInt(figure).sum();
  }
}
