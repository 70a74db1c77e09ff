// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.log.CommitContent;
import dev.lakestream.log.CondensedCommit;
import dev.lakestream.log.ProducerState;
import dev.lakestream.log.Verdict;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.CommitWalk;
import dev.lakestream.stream.CommittedGroup;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;

/**
 * What {@link PlantedBug}s do instead of what they replace. The code is copied into the methods
 * that it sabotages.
 */
@SuppressWarnings({"UnusedVariable", "DoNotCallSuggester"}) // what is assigned, the copy returns
public final class Sabotage {
  private Sabotage() {}

  /** What a bug reaches into is not there any more: whoever meets this has found no bug. */
  public static final class Outdated extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private Outdated(Throwable cause) {
      super("the code has changed: plant this bug anew", cause);
    }
  }

  /** Leaves out a method that returns nothing. */
  public static final class DoesNothing {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter() {
      return true;
    }
  }

  /** Leaves out a method that walks through a fork. */
  public static final class DoesNothingInForks {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter(@Advice.Argument(1) CommitWalk walk) {
      return walk.state().firstOwn() > 0;
    }
  }

  /** Finds no problem. */
  public static final class ReturnsEmpty {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter() {
      return true;
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.Return(readOnly = false, typing = Assigner.Typing.DYNAMIC) Object returned) {
      returned = Optional.empty();
    }
  }

  /** Finds nothing. */
  public static final class ReturnsNoElements {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter() {
      return true;
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.Return(readOnly = false, typing = Assigner.Typing.DYNAMIC) Object returned) {
      returned = List.of();
    }
  }

  /** Always no. */
  public static final class ReturnsFalse {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter() {
      return true;
    }

    @Advice.OnMethodExit
    static void exit(@Advice.Return(readOnly = false) boolean returned) {
      returned = false;
    }
  }

  /** Always yes. */
  public static final class ReturnsTrue {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter() {
      return true;
    }

    @Advice.OnMethodExit
    static void exit(@Advice.Return(readOnly = false) boolean returned) {
      returned = true;
    }
  }

  /** Always 0. */
  public static final class ReturnsZero {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter() {
      return true;
    }

    @Advice.OnMethodExit
    static void exit(@Advice.Return(readOnly = false) long returned) {
      returned = 0;
    }
  }

  /** Takes no answer for a no. */
  public static final class Refuses {
    @Advice.OnMethodEnter
    static void enter() throws IOException {
      throw new IOException("the store did not answer");
    }
  }

  /** Indexes the steps of void entries, too. */
  public static final class CondensesVoids {
    @Advice.OnMethodExit
    static void exit(
        @Advice.This Verdict verdict,
        @Advice.Return(readOnly = false, typing = Assigner.Typing.DYNAMIC) Object returned) {
      returned = condense(verdict);
    }
  }

  /** Lists the horizon and reads the log afterwards. */
  public static final class LooksTheWrongWayRound {
    @Advice.OnMethodEnter(skipOn = Advice.OnNonDefaultValue.class)
    static boolean enter() {
      return true;
    }

    @Advice.OnMethodExit
    static void exit(
        @Advice.This Object follower,
        @Advice.Argument(0) long next,
        @Advice.Return(readOnly = false, typing = Assigner.Typing.DYNAMIC) Object returned)
        throws IOException {
      returned = listThenRead(follower, next);
    }
  }

  /** Holds segments back until the root is put. */
  public static final class PutsRootFirst {
    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(value = 0, readOnly = false) ObjectStore store) {
      store = new RootFirstStore(store);
    }
  }

  /** Writes producers without their attachments. */
  public static final class ForgetsAttachments {
    @Advice.OnMethodEnter
    static void enter(
        @Advice.Argument(value = 1, readOnly = false, typing = Assigner.Typing.DYNAMIC)
            Object producers) {
      producers = withoutAttachments(producers);
    }
  }

  /** Passes over bundles of others than the one who commits. */
  public static final class ForgetsForeignBundles {
    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(value = 0, readOnly = false) CondensedCommit commit) {
      commit = withoutForeignBundles(commit);
    }
  }

  /** Looks at the first step of a group, whichever is asked for. */
  public static final class LooksAtFirstStep {
    @Advice.OnMethodEnter
    static void enter(
        @Advice.FieldValue("group") CommittedGroup group,
        @Advice.Argument(value = 0, readOnly = false) long step) {
      step = group.firstStep();
    }
  }

  /** Takes the newest rules. */
  public static final class AppliesAllSkips {
    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(value = 1, readOnly = false) long rules) {
      rules = Long.MAX_VALUE;
    }
  }

  /** Deletes whatever the kept root stands for. */
  public static final class DeletesBelowKeptRoot {
    @Advice.OnMethodExit
    static void exit(@Advice.This Object plan, @Advice.Return(readOnly = false) long returned) {
      returned = keptRoot(plan);
    }
  }

  /** The version of the root that a plan keeps, or 0. */
  public static long keptRoot(Object plan) {
    try {
      return ((Optional<?>) call(plan, "keptRoot")).map(Long.class::cast).orElse(0L);
    } catch (ReflectiveOperationException e) {
      throw new Outdated(e);
    }
  }

  /** The commit of an entry, whether it is valid or not. */
  public static Optional<CondensedCommit> condense(Verdict verdict) {
    return verdict.entry().content().totals().steps() > 0
        ? Optional.of(
            new CondensedCommit(
                verdict.entry().version(),
                verdict.digest(),
                verdict.entry().time(),
                verdict.entry().producer().orElseThrow(),
                verdict.entry().before(),
                verdict.entry().repeat(),
                verdict.entry().content()))
        : Optional.empty();
  }

  /** The same commit, as if it had nothing of others. */
  public static CondensedCommit withoutForeignBundles(CondensedCommit commit) {
    if (!(commit.content() instanceof CommitContent.Inline inline)) {
      return commit;
    }
    List<BundleDescriptor> own =
        inline.bundles().stream()
            .filter(
                bundle ->
                    StreamKeys.uploader(bundle.key())
                        .filter(owner -> owner.producer().equals(commit.producer().id()))
                        .isPresent())
            .toList();
    return new CondensedCommit(
        commit.version(),
        commit.digest(),
        commit.time(),
        commit.producer(),
        commit.before(),
        commit.repeat(),
        new CommitContent.Inline(own, List.of()));
  }

  /** The same producers, poorer. */
  public static List<ProducerState> withoutAttachments(Object producers) {
    return ((List<?>) producers)
        .stream()
            .map(ProducerState.class::cast)
            .map(
                producer ->
                    new ProducerState(
                        producer.id(),
                        producer.epoch(),
                        producer.sequence(),
                        producer.state(),
                        List.of(),
                        producer.version(),
                        producer.time(),
                        producer.retired()))
            .toList();
  }

  /** What {@code TailFollower.look} does, the other way round. */
  public static Object listThenRead(Object follower, long next) throws IOException {
    try {
      Field field = follower.getClass().getDeclaredField("history");
      field.setAccessible(true);
      Object history = field.get(follower);
      Object snapshots = call(history, "snapshots");
      long horizon = (Long) call(snapshots, "horizon");
      Field store = follower.getClass().getDeclaredField("store");
      store.setAccessible(true);
      Method from =
          Class.forName("dev.lakestream.stream.LogReads")
              .getDeclaredMethod("from", ObjectStore.class, long.class);
      from.setAccessible(true);
      Object found = from.invoke(null, store.get(follower), next);
      Constructor<?> look =
          Class.forName(follower.getClass().getName() + "$Look").getDeclaredConstructors()[0];
      look.setAccessible(true);
      return look.newInstance(found, horizon);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      } else if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      } else if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new Outdated(e);
    }
  }

  private static Object call(Object target, String method) throws ReflectiveOperationException {
    Method found = target.getClass().getDeclaredMethod(method);
    found.setAccessible(true);
    return found.invoke(target);
  }
}
