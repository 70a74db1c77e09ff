// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.log.BundleDescriptor;
import java.util.List;
import java.util.stream.Stream;

/** One step whose slots lie in several bundles. */
record ComposedStep(List<LeftOverCell> slots) implements TaskSteps {
  ComposedStep {
    slots = List.copyOf(slots);
  }

  @Override
  public int count() {
    return 1;
  }

  @Override
  public Stream<BundleDescriptor> bundles() {
    return slots.stream().map(LeftOverCell::bundle);
  }
}
