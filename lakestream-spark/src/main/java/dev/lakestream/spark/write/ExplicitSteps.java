// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.error.InvalidRequestException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/** The steps of a job whose rows say where they belong, put in order. Pure. */
final class ExplicitSteps {
  private record Numbered(long first, TaskSteps steps) {
    long end() {
      return first + steps.count();
    }
  }

  private ExplicitSteps() {}

  /**
   * The steps.
   *
   * @throws InvalidRequestException if one is missing between the first and the last, or is there
   *     twice; names it
   */
  static Arranged arrange(List<TaskReceipt> receipts) {
    List<Numbered> all = new ArrayList<>();
    for (TaskReceipt receipt : receipts) {
      for (int i = 0; i < receipt.steps().size(); i++) {
        all.add(new Numbered(receipt.numbers().get(i), receipt.steps().get(i)));
      }
    }
    all.sort(Comparator.comparingLong(Numbered::first));
    for (int i = 1; i < all.size(); i++) {
      checkFollows(all.get(i - 1), all.get(i));
    }
    StepAssembly steps = new StepAssembly();
    all.forEach(each -> steps.add(each.steps()));
    OptionalLong first = all.isEmpty() ? OptionalLong.empty() : OptionalLong.of(all.get(0).first());
    return new Arranged(steps.content(), 0, 0, first);
  }

  private static void checkFollows(Numbered before, Numbered next) {
    if (next.first() > before.end()) {
      long last = next.first() - 1;
      throw new InvalidRequestException(
          "no row has _step = "
              + before.end()
              + (last == before.end() ? "" : " to " + last)
              + ", but there are rows of the steps before and after: steps are dense");
    } else if (next.first() < before.end()) {
      throw new InvalidRequestException(
          "step "
              + next.first()
              + " was formed by two tasks: the rows of a step must be in one partition");
    }
  }
}
