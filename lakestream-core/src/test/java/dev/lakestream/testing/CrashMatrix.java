// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.error.LakestreamException;
import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Plays a process over and over again, each time with a crash, or a long sleep, at another one of
 * its store operations, until it comes to its end undisturbed. The backing's stride leaves some
 * out.
 */
public final class CrashMatrix {
  /** More than any process here needs: one that never ends is a failure. */
  private static final int MOST_OPERATIONS = 10_000;

  private final Backing backing;
  private final InspectedStore before;
  private final Process process;

  /** What is played. What it fails with does not matter, as long as that is an error of ours. */
  @FunctionalInterface
  public interface Process {
    void run(ObjectStore store) throws Exception;
  }

  /** What is expected of the store afterwards. */
  @FunctionalInterface
  public interface Check {
    /** Checks, and may go on with the store: nobody else uses it. */
    void check(InspectedStore after, String when) throws Exception;
  }

  /**
   * A process.
   *
   * @param backing of the store
   * @param before what it finds; copied for each play
   */
  public CrashMatrix(Backing backing, InspectedStore before, Process process) {
    this.backing = backing;
    this.before = before;
    this.process = process;
  }

  /**
   * The process dies, just before and just after each operation.
   *
   * @return how many operations it has
   */
  public int dies(Check afterwards) throws Exception {
    play(
        "dies before operation ",
        (store, operation, all) -> store.dieBefore(operation),
        afterwards);
    return play(
        "dies after operation ", (store, operation, all) -> store.dieAfter(operation), afterwards);
  }

  /**
   * The process sleeps before each operation, and goes on when another one has run to its end.
   *
   * @return how many operations it has
   */
  public int sleepsWhile(Process other, Check afterwards) throws Exception {
    return play(
        "sleeps before operation ",
        (store, operation, all) -> store.sleepBefore(operation, () -> other.run(all)),
        afterwards);
  }

  @FunctionalInterface
  private interface Plan {
    void make(SteppedStore store, int operation, InspectedStore all);
  }

  private int play(String what, Plan plan, Check afterwards) throws Exception {
    for (int operation = 0; operation < MOST_OPERATIONS; operation += backing.stride()) {
      InspectedStore copy = backing.copy(before);
      SteppedStore stepped = new SteppedStore(copy);
      plan.make(stepped, operation, copy);
      try {
        process.run(stepped.client());
      } catch (IOException | UncheckedIOException | LakestreamException e) {
        // It is dead, or was too late.
      }
      boolean undisturbed = stepped.operations() <= operation;
      afterwards.check(copy, what + operation);
      if (undisturbed) {
        return stepped.operations();
      }
    }
    throw new AssertionError("the process has more than " + MOST_OPERATIONS + " operations");
  }
}
