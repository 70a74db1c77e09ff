// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.StepRecord;
import java.io.Serializable;
import java.util.List;

/** A durable bundle of whole steps, and what the log will say of them. */
record WholeBundle(BundleDescriptor bundle, List<StepRecord> steps) implements Serializable {
  WholeBundle {
    steps = List.copyOf(steps);
  }
}
