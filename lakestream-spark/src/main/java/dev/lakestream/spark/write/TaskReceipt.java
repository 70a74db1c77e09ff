// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.log.BundleDescriptor;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;

/**
 * What one attempt of a task has made durable, in the order of its rows. Nothing of it is visible
 * until the driver commits.
 *
 * @param head the first rows, where they belong to a slot that the task before has begun
 * @param leading full slots before the first whole step, where that must begin at a certain row
 * @param numbers the step that each of {@code steps} begins with, where rows say so
 * @param cells full slots that no whole step of the task has room for
 * @param rest the last rows, fewer than a slot has
 * @param late what was uploaded after the task told Spark of it for the last time
 */
record TaskReceipt(
    IpcRows head,
    List<LeftOverCell> leading,
    List<TaskSteps> steps,
    List<Long> numbers,
    List<LeftOverCell> cells,
    IpcRows rest,
    UploadMeter late)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  TaskReceipt {
    leading = List.copyOf(leading);
    steps = List.copyOf(steps);
    numbers = List.copyOf(numbers);
    cells = List.copyOf(cells);
  }

  TaskReceipt(
      IpcRows head,
      List<LeftOverCell> leading,
      List<TaskSteps> steps,
      List<Long> numbers,
      List<LeftOverCell> cells,
      IpcRows rest) {
    this(head, leading, steps, numbers, cells, rest, UploadMeter.NOTHING);
  }

  /** With what was uploaded late. */
  TaskReceipt with(UploadMeter uploadedLate) {
    return new TaskReceipt(head, leading, steps, numbers, cells, rest, uploadedLate);
  }

  /** The bundles of slots that are in no whole step of the task. */
  Stream<BundleDescriptor> looseBundles() {
    return Stream.concat(leading.stream(), cells.stream()).map(LeftOverCell::bundle);
  }

  /** All bundles. */
  Stream<BundleDescriptor> bundles() {
    return Stream.concat(steps.stream().flatMap(TaskSteps::bundles), looseBundles());
  }

  /** Of a task whose steps may begin at any of its rows. */
  static TaskReceipt unordered(List<TaskSteps> steps, List<LeftOverCell> cells, IpcRows rest) {
    return new TaskReceipt(IpcRows.none(), List.of(), steps, List.of(), cells, rest);
  }

  /** Of a task that has taken no rows. */
  static TaskReceipt none() {
    return unordered(List.of(), List.of(), IpcRows.none());
  }
}
