// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.log.StepRecord;
import dev.lakestream.retention.Vacuum;
import dev.lakestream.retention.VacuumOptions;
import dev.lakestream.spark.Places;
import dev.lakestream.spark.Sparks;
import dev.lakestream.spark.StoppingStores;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;

/**
 * A stream that runs of one and the same job write to.
 *
 * @param marks a folder for these runs
 */
record Site(Places.Place place, Path marks) {
  /** A run of the job. */
  WriteJob job(Trouble trouble) {
    return new WriteJob(trouble, marks, place.uri(), named(place.options()));
  }

  /**
   * A run whose driver stands still at a put.
   *
   * @param at as {@link StoppingStores} have it
   */
  WriteJob stopping(String at) {
    Map<String, String> all = new TreeMap<>(place.options());
    all.putAll(StoppingStores.options(place.uri(), at));
    return new WriteJob(Trouble.NONE, marks, "stopping:/behind", named(all));
  }

  private static Map<String, String> named(Map<String, String> options) {
    Map<String, String> all = new TreeMap<>(options);
    all.put("jobId", "proof");
    all.put("jobVersion", "1");
    return all;
  }

  void assertEachRowOnce() throws IOException {
    List<Long> ids =
        Sparks.longs(
            Sparks.session()
                .read()
                .format("lakestream")
                .options(place.options())
                .load(place.uri())
                .select("id")
                .orderBy("id"));
    assertThat(ids).containsExactlyElementsOf(LongStream.range(0, WriteJob.ROWS).boxed().toList());
    assertThat(steps().stream().mapToLong(StepRecord::rows).sum()).isEqualTo(WriteJob.ROWS);
  }

  List<StepRecord> steps() throws IOException {
    try (ObjectStore store = ObjectStores.open(place.uri(), place.options())) {
      LakeStream stream = LakeStream.open(store);
      stream.refresh();
      List<StepRecord> steps = new ArrayList<>();
      for (long step = 0; step < stream.state().nextStep(); step++) {
        steps.add(stream.groupOf(step).step(step));
      }
      return steps;
    }
  }

  /** Objects below {@code data/} that no step needs. */
  Set<String> unnamed() throws IOException {
    try (ObjectStore store = ObjectStores.open(place.uri(), place.options())) {
      LakeStream stream = LakeStream.open(store);
      stream.refresh();
      Set<String> keys = new TreeSet<>();
      for (ObjectInfo object : store.list(ObjectKey.of("data"), Optional.empty())) {
        keys.add(object.key().value());
      }
      for (long step = 0; step < stream.state().nextStep(); step++) {
        stream
            .groupOf(step)
            .sources(step)
            .forEach(cell -> keys.remove(cell.bundle().key().value()));
      }
      return keys;
    }
  }

  void vacuum() throws IOException, InterruptedException {
    try (ObjectStore store = ObjectStores.open(place.uri(), place.options())) {
      new Vacuum(LakeStream.open(store), VacuumOptions.defaults()).run();
    }
  }
}
