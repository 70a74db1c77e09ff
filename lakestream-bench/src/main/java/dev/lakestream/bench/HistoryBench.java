// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * {@code bench history}: what committing, opening and finding a step cost with 10³ to 10⁶ steps
 * behind them, and with many producers that came and went, beside one manifest that grows.
 *
 * <p>Local times are those of a directory; simulated ones are what an object store would take for
 * the same requests, one after the other. All sizes are measured in turn, with the same number of
 * entries since the last fold.
 */
public final class HistoryBench implements Benchmark {
  private static final int[] SIZES = {1_000, 10_000, 100_000, 1_000_000};
  private static final int PAST_PRODUCERS = 100_000;
  private static final int ACTIVE_PRODUCERS = 64;
  private static final int TAIL = 64;
  private static final int OPENINGS = 20;
  private static final int CHUNK = 32;
  private static final int MANIFEST_COMMITS = 2;

  private final Random random = new Random(7);

  @Override
  public String name() {
    return "history";
  }

  @Override
  public List<BenchResult> run(Setting setting) throws Exception {
    List<BenchResult> results = new ArrayList<>(streams(setting));
    results.addAll(producers(setting));
    results.addAll(manifests(setting));
    return results;
  }

  // ---------------------------------------------------------------------------- steps in history

  private List<BenchResult> streams(Setting setting) throws Exception {
    Figures figures = new Figures(name(), "stream", "steps=" + SIZES[0]);
    Map<Integer, StreamSubject> large = new LinkedHashMap<>();
    for (int size : sizes(setting)) {
      large.put(size, stream(setting, size, 0));
    }
    Map<String, StreamSubject> all = named(large);
    openAndFind(all, new Figures(name(), "", ""), OPENINGS); // warms up
    for (int run = 0; run < setting.runs(); run++) {
      setting.progress().accept("streams, run " + (run + 1));
      openAndFind(all, figures, OPENINGS);
    }
    for (int run = 0; run <= setting.runs(); run++) {
      Map<Integer, StreamSubject> fresh = new LinkedHashMap<>(large);
      for (int size : large.keySet()) {
        // A small one would grow by more than it is.
        if (size <= SIZES[1]) {
          fresh.put(size, stream(setting, size, run + 1));
        }
      }
      commit(named(fresh), run == 0 ? new Figures(name(), "", "") : figures);
    }
    return figures.results();
  }

  private static List<Integer> sizes(Setting setting) {
    List<Integer> sizes = new ArrayList<>();
    for (int size : SIZES) {
      if (sizes.isEmpty() || size <= SIZES[SIZES.length - 1] * setting.scale()) {
        sizes.add(size);
      }
    }
    return sizes;
  }

  private static Map<String, StreamSubject> named(Map<Integer, StreamSubject> bySize) {
    Map<String, StreamSubject> named = new LinkedHashMap<>();
    bySize.forEach((size, subject) -> named.put("steps=" + size, subject));
    return named;
  }

  private static StreamSubject stream(Setting setting, int size, int copy) throws Exception {
    setting.progress().accept("a stream of " + size + " steps");
    Path folder = setting.folder().resolve("stream-" + size + "-" + copy);
    StreamSubject subject = new StreamSubject(folder);
    subject.join(4, "tok-");
    subject.grow(size, TAIL);
    return subject;
  }

  // ------------------------------------------------------------------------------ past producers

  private List<BenchResult> producers(Setting setting) throws Exception {
    int past = (int) (PAST_PRODUCERS * Math.min(1, setting.scale()));
    Map<String, StreamSubject> subjects = new LinkedHashMap<>();
    subjects.put("producers=0", afterProducers(setting, 0));
    subjects.put("producers=" + past, afterProducers(setting, past));
    Figures figures = new Figures(name(), "past", "producers=0");
    for (int run = 0; run <= setting.runs(); run++) {
      setting.progress().accept("past producers, run " + run);
      Figures kept = run == 0 ? new Figures(name(), "", "") : figures;
      openAndFind(subjects, kept, OPENINGS);
      commit(subjects, kept);
      for (int i = 0; i < OPENINGS; i++) {
        for (var subject : subjects.entrySet()) {
          String producer = "job-" + UUID.randomUUID();
          kept.add("a new session", subject, () -> subject.getValue().join(1, producer), 1);
          subject.getValue().leave();
        }
      }
      for (StreamSubject subject : subjects.values()) {
        subject.grow(subject.nextStep() + 10L * TAIL, TAIL);
      }
    }
    return figures.results();
  }

  private static StreamSubject afterProducers(Setting setting, int past) throws Exception {
    setting.progress().accept("a stream after " + past + " producers");
    StreamSubject subject = new StreamSubject(setting.folder().resolve("producers-" + past));
    for (int i = 0; i < past; i++) {
      subject.comeAndGo("job-" + UUID.randomUUID());
    }
    subject.join(ACTIVE_PRODUCERS, "tok-");
    subject.grow(subject.nextStep() + SIZES[1], TAIL);
    return subject;
  }

  // ---------------------------------------------------------------------------------- manifests

  private List<BenchResult> manifests(Setting setting) throws Exception {
    Figures figures = new Figures(name(), "manifest", "steps=" + SIZES[0]);
    Map<String, ManifestSubject> subjects = new LinkedHashMap<>();
    for (int size : sizes(setting)) {
      ManifestSubject subject = new ManifestSubject(setting.folder().resolve("manifest-" + size));
      subject.grow(size);
      subjects.put("steps=" + size, subject);
    }
    for (int run = 0; run <= setting.runs(); run++) {
      setting.progress().accept("manifests, run " + run);
      Figures kept = run == 0 ? new Figures(name(), "", "") : figures;
      for (var subject : subjects.entrySet()) {
        openAndFind(Map.of(subject.getKey(), subject.getValue()), kept, 1);
        kept.add(
            "commit",
            subject,
            () -> {
              for (int i = 0; i < MANIFEST_COMMITS; i++) {
                subject.getValue().commit();
              }
            },
            MANIFEST_COMMITS);
        subject.getValue().tidy();
        subject.getValue().store().take();
      }
    }
    return figures.results();
  }

  // ----------------------------------------------------------------------------------- measuring

  /** In turn, so that whatever else the machine does meets all of them. */
  private <S extends HistorySubject> void openAndFind(
      Map<String, S> subjects, Figures figures, int times) throws Exception {
    Figures single = new Figures(name(), "", "");
    for (int i = 0; i < times; i++) {
      for (var subject : subjects.entrySet()) {
        HistorySubject.Opened[] opened = new HistorySubject.Opened[1];
        long step = random.nextInt((int) foldedSteps(subject.getValue()));
        single.add("open", subject, () -> opened[0] = subject.getValue().open(), 1);
        single.add("find a step", subject, () -> opened[0].find(step), 1);
        single.addSum("open and find", subject.getKey());
      }
    }
    figures.addMedians(single);
  }

  private static long foldedSteps(HistorySubject subject) {
    return subject instanceof StreamSubject stream ? stream.foldedSteps() : SIZES[0];
  }

  /** As many commits as go into a fold, and that fold. */
  private void commit(Map<String, StreamSubject> subjects, Figures figures) throws Exception {
    Figures single = new Figures(name(), "", "");
    for (StreamSubject subject : subjects.values()) {
      subject.tidy();
      subject.store().take();
    }
    for (int made = 0; made < StreamSubject.FOLD_EVERY; made += CHUNK) {
      for (var subject : subjects.entrySet()) {
        single.add("commit", subject, () -> commitChunk(subject.getValue()), CHUNK);
      }
    }
    for (var subject : subjects.entrySet()) {
      single.add("fold", subject, subject.getValue()::tidy, StreamSubject.FOLD_EVERY);
    }
    figures.addMedians(single);
    for (String subject : subjects.keySet()) {
      figures.addSum("commit", "fold", "commit and its share of a fold", subject);
    }
  }

  private static void commitChunk(HistorySubject subject) throws IOException, InterruptedException {
    for (int i = 0; i < CHUNK; i++) {
      subject.commit();
    }
  }
}
