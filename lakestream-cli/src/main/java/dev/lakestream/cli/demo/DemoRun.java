// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import dev.lakestream.cli.Progress;
import dev.lakestream.cli.demo.Proof.Expected;
import dev.lakestream.cli.demo.Proof.PhaseResult;
import dev.lakestream.cli.demo.Rank.Language;
import dev.lakestream.cli.demo.SampleDigest.Division;
import dev.lakestream.log.Action;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;

/** The demo from beginning to end. */
final class DemoRun {
  private static final long TIME_LIMIT_SECONDS = 150;
  private static final long LOOK_MILLIS = 100;
  private static final double FIRST_PHASE_SHARE = 0.6;

  private final DemoSettings settings;
  private final Progress progress;
  private final Map<String, String> figures = new LinkedHashMap<>();

  DemoRun(DemoSettings settings, Progress progress) {
    this.settings = settings;
    this.progress = progress;
  }

  DemoReport run() throws IOException, InterruptedException, ExecutionException {
    try (DemoWriter writer = new DemoWriter(settings)) {
      Map<Long, Expected> expected = tokenize(writer);
      progress.say(
          "Writing steps in " + DemoSettings.WAVES + " Spark jobs, while four processes read them");
      long firstPhaseEnd =
          (long) (expected.size() * FIRST_PHASE_SHARE) / DemoSettings.GLOBAL_BATCH_SIZE;
      writer.append(0);
      ExecutorService background = Executors.newSingleThreadExecutor();
      try {
        Future<Long> writing = background.submit(() -> appendTheRest(writer));
        List<RankProcess> first = runPhase(firstPhase(firstPhaseEnd), firstPhaseEnd, true);
        progress.say(
            "The first phase ended at step "
                + firstPhaseEnd
                + "; it goes on with dp 4 from the same cursor, two ranks in Java, two in Python");
        handOver(first);
        List<RankProcess> second = runPhase(secondPhase(), Long.MAX_VALUE, false);
        figures.put("write_seconds_of_five_jobs", seconds(writing.get()));
        return prove(expected, first, second, firstPhaseEnd);
      } finally {
        background.shutdownNow();
      }
    }
  }

  private Map<Long, Expected> tokenize(DemoWriter writer) throws IOException {
    TokenizedCorpus corpus = new TokenizedCorpus(settings.corpus(), DemoSettings.SEQUENCE_LENGTH);
    double megabytes = corpus.bytes() / 1e6;
    progress.say(
        String.format(
            Locale.ROOT,
            "Tokenizing %.1f MB of source code from %d jars in Spark",
            megabytes,
            settings.corpus().size()));
    long begin = System.nanoTime();
    Map<Long, Expected> expected = writer.digest();
    double seconds = (System.nanoTime() - begin) / 1e9;
    long tokens = (long) expected.size() * DemoSettings.SEQUENCE_LENGTH;
    figures.put("corpus_mb", String.format(Locale.ROOT, "%.1f", megabytes));
    figures.put("sequences", Integer.toString(expected.size()));
    figures.put("tokens", Long.toString(tokens));
    figures.put("tokens_per_second", String.format(Locale.ROOT, "%.0f", tokens / seconds));
    return expected;
  }

  private long appendTheRest(DemoWriter writer) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    for (int wave = 1; wave < DemoSettings.WAVES; wave++) {
      writer.append(wave);
    }
    long nanos = System.nanoTime() - begin;
    try (ObjectStore store = settings.store().open(settings.uri())) {
      new StreamControl(LakeStream.open(store)).commit(new Action.Seal());
    }
    return nanos;
  }

  private static List<Rank> firstPhase(long until) {
    return List.of(
        new Rank("first", Language.JAVA, 0, 2, 0, 2, until),
        new Rank("first", Language.PYTHON, 0, 2, 1, 2, until),
        new Rank("first", Language.PYTHON, 1, 2, 0, 2, until),
        new Rank("first", Language.JAVA, 1, 2, 1, 2, until));
  }

  private static List<Rank> secondPhase() {
    List<Rank> ranks = new ArrayList<>();
    for (int rank = 0; rank < 4; rank++) {
      Language language = rank % 2 == 0 ? Language.JAVA : Language.PYTHON;
      ranks.add(new Rank("second", language, rank, 4, 0, 1, Long.MAX_VALUE >> 10));
    }
    return ranks;
  }

  private List<RankProcess> runPhase(List<Rank> ranks, long until, boolean withKills)
      throws IOException, InterruptedException {
    List<RankProcess> processes = new ArrayList<>();
    try {
      for (Rank rank : ranks) {
        processes.add(RankProcess.start(rank, settings));
      }
      watch(processes, until, withKills);
      for (RankProcess process : processes) {
        process.await(TIME_LIMIT_SECONDS);
      }
      return processes;
    } finally {
      processes.forEach(RankProcess::stop);
    }
  }

  /**
   * Shows how far the slowest rank is; kills the first two ranks at a third and at two thirds of
   * the phase.
   */
  private void watch(List<RankProcess> processes, long until, boolean withKills)
      throws IOException, InterruptedException {
    boolean openEnd = until == Long.MAX_VALUE;
    try (ProgressBar bar =
        progress.bar("steps read by every rank", openEnd ? totalSteps() : until)) {
      long[] killAt = {until / 3, 2 * until / 3};
      while (processes.stream().anyMatch(RankProcess::isAlive)) {
        bar.stepTo(slowest(processes));
        if (openEnd) {
          bar.maxHint(totalSteps());
        }
        for (int victim = 0; withKills && victim < killAt.length; victim++) {
          killOnce(processes.get(victim), killAt[victim]);
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
      bar.stepTo(slowest(processes));
    }
  }

  private void killOnce(RankProcess victim, long step) throws IOException, InterruptedException {
    if (victim.kills() == 0 && victim.isAlive() && reached(victim) >= step) {
      victim.kill();
      long at = reached(victim);
      victim.restart();
      progress.say(
          "\n  killed rank "
              + victim.rank().name()
              + " ("
              + victim.rank().language().name().toLowerCase(Locale.ROOT)
              + ") with SIGKILL at step "
              + at
              + "; it goes on from its cursor");
    }
  }

  private long slowest(List<RankProcess> processes) throws IOException {
    long slowest = Long.MAX_VALUE;
    for (RankProcess process : processes) {
      slowest = Math.min(slowest, reached(process));
    }
    return slowest;
  }

  /** The step after the last one that this rank has written down. */
  private long reached(RankProcess process) throws IOException {
    List<RankLog.Delivery> steps = log(process).steps();
    return steps.isEmpty() ? 0 : steps.get(steps.size() - 1).step() + 1;
  }

  private RankLog log(RankProcess process) throws IOException {
    return RankLog.read(process.rank().log(settings.folder()));
  }

  private long totalSteps() throws IOException {
    try (ObjectStore store = settings.store().open(settings.uri())) {
      return LakeStream.open(store).state().nextStep();
    }
  }

  /** All ranks of the first phase hold the same cursor; every rank of the second begins with it. */
  private void handOver(List<RankProcess> first) throws IOException {
    String cursor = log(first.get(0)).lastCursor().orElseThrow();
    for (RankProcess process : first) {
      if (!log(process).lastCursor().orElseThrow().equals(cursor)) {
        throw new IOException("the ranks of the first phase do not hold the same cursor");
      }
    }
    for (Rank rank : secondPhase()) {
      CursorFile.beside(rank.log(settings.folder())).write(cursor);
    }
  }

  private DemoReport prove(
      Map<Long, Expected> expected,
      List<RankProcess> first,
      List<RankProcess> second,
      long firstPhaseEnd)
      throws IOException {
    progress.say("Proving");
    Proof proof = new Proof();
    proof.check(
        new PhaseResult(Division.ZIGZAG_OF_TWO, DemoSettings.SLOTS, 0, firstPhaseEnd, logs(first)),
        expected);
    proof.check(
        new PhaseResult(
            Division.WHOLE, DemoSettings.SLOTS, firstPhaseEnd, totalSteps(), logs(second)),
        expected);
    proof.checkComplete(expected.keySet());
    figures.put("steps", Long.toString(totalSteps()));
    figures.put(
        "starts_of_ranks_in_first_phase",
        Integer.toString(logs(first).values().stream().mapToInt(RankLog::starts).sum()));
    figures.put("rows_checked", Long.toString(proof.checkedRows()));
    return new DemoReport(figures, proof.faults());
  }

  private Map<Rank, RankLog> logs(List<RankProcess> processes) throws IOException {
    Map<Rank, RankLog> logs = new LinkedHashMap<>();
    for (RankProcess process : processes) {
      logs.put(process.rank(), log(process));
    }
    return logs;
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f", nanos / 1e9);
  }
}
