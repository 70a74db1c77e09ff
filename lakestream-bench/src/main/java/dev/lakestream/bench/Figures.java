// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What was measured of several subjects, by what they did, to be compared with one of them. */
final class Figures {
  private final String bench;
  private final String prefix;
  private final String base;
  private final Map<String, Map<String, List<Sample>>> samples = new LinkedHashMap<>();

  /** How long one of them took, here and on an object store, and what it asked for. */
  private record Sample(
      double millis, double virtualMillis, double requests, double written, double read) {
    Sample plus(Sample other) {
      return new Sample(
          millis + other.millis,
          virtualMillis + other.virtualMillis,
          requests + other.requests,
          written + other.written,
          read + other.read);
    }
  }

  /** Something that is measured. */
  @FunctionalInterface
  interface Deed {
    void run() throws Exception;
  }

  /**
   * Nothing yet.
   *
   * @param prefix what all cases begin with
   * @param base the subject that the others are compared with
   */
  Figures(String bench, String prefix, String base) {
    this.bench = bench;
    this.prefix = prefix;
    this.base = base;
  }

  /** Measures something that does this many of what is counted. */
  void add(String what, Map.Entry<String, ? extends HistorySubject> subject, Deed deed, int count)
      throws Exception {
    MeteredStore store = subject.getValue().store();
    store.take();
    long begin = System.nanoTime();
    deed.run();
    double millis = (System.nanoTime() - begin) / 1e6;
    MeteredStore.Meter meter = store.take();
    of(what, subject.getKey())
        .add(
            new Sample(
                millis / count,
                meter.virtualMillis() / count,
                (double) meter.requests() / count,
                (double) meter.written() / count,
                (double) meter.read() / count));
  }

  /** The last opening and the last finding, together. */
  void addSum(String what, String subject) {
    addSum("open", "find a step", what, subject);
  }

  /** The last samples of two deeds, together. */
  void addSum(String first, String second, String what, String subject) {
    of(what, subject).add(last(of(first, subject)).plus(last(of(second, subject))));
  }

  /** One more sample of everything: the medians of those. */
  void addMedians(Figures others) {
    others.samples.forEach(
        (what, bySubject) ->
            bySubject.forEach((subject, list) -> of(what, subject).add(medians(list))));
  }

  /** A line for each deed, measure and subject. */
  List<BenchResult> results() {
    List<BenchResult> results = new ArrayList<>();
    for (String what : samples.keySet()) {
      addResults(results, what, "local ms", Sample::millis);
      addResults(results, what, "simulated ms", Sample::virtualMillis);
      addResults(results, what, "requests", Sample::requests);
      addResults(results, what, "KB", sample -> (sample.written + sample.read) / 1000);
    }
    return results;
  }

  private void addResults(
      List<BenchResult> results, String what, String unit, ToDoubleFunction<Sample> measure) {
    Map<String, List<Sample>> bySubject = samples.getOrDefault(what, Map.of());
    List<Double> baseline = values(bySubject.getOrDefault(base, List.of()), measure);
    bySubject.forEach(
        (subject, list) -> {
          String variant = prefix + ": " + what + ", " + subject;
          results.add(
              subject.equals(base)
                  ? BenchResult.of(bench, variant, unit, baseline)
                  : BenchResult.against(
                      bench, variant, unit, values(list, measure), base, baseline));
        });
  }

  private static List<Double> values(List<Sample> samples, ToDoubleFunction<Sample> measure) {
    return samples.stream().mapToDouble(measure).boxed().toList();
  }

  private static Sample medians(List<Sample> list) {
    return new Sample(
        median(list, Sample::millis),
        median(list, Sample::virtualMillis),
        median(list, Sample::requests),
        median(list, Sample::written),
        median(list, Sample::read));
  }

  private static double median(List<Sample> list, ToDoubleFunction<Sample> measure) {
    return BenchResult.of("", "", "", values(list, measure)).value();
  }

  private List<Sample> of(String what, String subject) {
    return samples
        .computeIfAbsent(what, absent -> new LinkedHashMap<>())
        .computeIfAbsent(subject, absent -> new ArrayList<>());
  }

  private static Sample last(List<Sample> list) {
    return list.get(list.size() - 1);
  }
}
