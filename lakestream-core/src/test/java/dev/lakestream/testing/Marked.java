// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.StepGroup;
import dev.lakestream.log.StepRecord;
import dev.lakestream.producer.Commit;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Steps that can be told from all others, by a mark among their tags. */
public final class Marked {
  private Marked() {}

  public static StepRecord step(String mark) {
    StepRecord plain = Samples.step(mark);
    return new StepRecord(
        plain.rows(), plain.tokens(), 0, plain.digest(), Map.of(), List.of(mark), Map.of());
  }

  /** One step, in a fresh bundle of the session. */
  public static CommitContent.Inline content(ProducerSession session, String mark) {
    BundleDescriptor bundle = Samples.bundle(session.newBundleKey(), 1, 8, 1);
    return new CommitContent.Inline(
        List.of(bundle), List.of(new StepGroup.BundleGroup(0, List.of(step(mark)))));
  }

  /** A commit of one step, with the mark as the producer's state. */
  public static Commit commit(ProducerSession session, String mark) {
    return Commit.of(content(session, mark), mark);
  }

  /** The marks of all steps, as somebody who has just come sees them. */
  public static List<String> in(ObjectStore store, Environment environment) throws IOException {
    LakeStream stream = LakeStream.open(store, environment);
    List<String> marks = new ArrayList<>();
    for (long step = 0; step < stream.state().nextStep(); step++) {
      marks.add(stream.groupOf(step).step(step).tags().get(0));
    }
    return marks;
  }
}
