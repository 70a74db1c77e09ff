// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.log.BundleDescriptor;
import java.io.Serializable;
import java.util.stream.Stream;

/** Whole steps that a task has made durable, which follow each other. */
sealed interface TaskSteps extends Serializable permits WholeBundle, ComposedStep {
  /** How many. */
  int count();

  /** Where they lie; a bundle may appear several times. */
  Stream<BundleDescriptor> bundles();
}
