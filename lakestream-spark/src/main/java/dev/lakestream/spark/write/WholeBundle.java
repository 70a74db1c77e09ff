// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.StepRecord;
import java.util.List;
import java.util.stream.Stream;

/** A durable bundle of whole steps, and what the log will say of them. */
record WholeBundle(BundleDescriptor bundle, List<StepRecord> steps) implements TaskSteps {
  WholeBundle {
    steps = List.copyOf(steps);
  }

  @Override
  public int count() {
    return steps.size();
  }

  @Override
  public Stream<BundleDescriptor> bundles() {
    return Stream.of(bundle);
  }
}
