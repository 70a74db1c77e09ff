// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.loading.ClassReloadingStrategy;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.matcher.ElementMatchers;

/**
 * Known bugs: a guard of the protocol taken out, or two writes in the wrong order. What looks for
 * bugs has to find each of them, or it proves nothing.
 *
 * <p>A bug is planted into the classes of the running JVM, so nothing else may run there meanwhile
 * ({@code @Isolated}). It fails loudly if the code that it names has gone.
 */
public enum PlantedBug {
  /** A fenced session's entries count. */
  EPOCH_IGNORED(change("log.Validity", "epochProblem", Sabotage.ReturnsEmpty.class)),
  /** An entry may repeat a sequence, or leave one out. */
  SEQUENCE_IGNORED(change("log.Validity", "sequenceProblem", Sabotage.ReturnsEmpty.class)),
  /** Time may go back. */
  TIME_IGNORED(change("log.Validity", "timeProblem", Sabotage.ReturnsEmpty.class)),
  /** An entry may begin at another step than the stream is at. */
  TOTALS_IGNORED(change("log.Validity", "totalsProblem", Sabotage.ReturnsEmpty.class)),
  /** Steps may follow the end of the stream. */
  SEAL_IGNORED(change("log.Validity", "sealProblem", Sabotage.ReturnsEmpty.class)),
  /** A producer may name the bundles of another one. */
  OWNERSHIP_IGNORED(change("log.Validity", "bundlesProblem", Sabotage.ReturnsEmpty.class)),
  /** A void entry's steps are found all the same. */
  VOIDS_INDEXED(change("log.Verdict", "condensed", Sabotage.CondensesVoids.class)),
  /** A new life does not find what the former one left for it. */
  ATTACHMENTS_DROPPED_BY_OPENING(
      change("log.LogFold", "attachmentsAfter", Sabotage.ReturnsNoElements.class)),

  /** No answer is taken for a no. */
  NO_ANSWER_IS_NO(change("producer.CertainPut", "putAgain", Sabotage.Refuses.class)),
  /** What exists is taken for somebody else's. */
  OWN_ENTRY_NOT_KNOWN(change("producer.LogAppender", "isOurs", Sabotage.ReturnsFalse.class)),
  /** What exists is taken for one's own. */
  ANY_ENTRY_IS_OURS(change("producer.LogAppender", "isOurs", Sabotage.ReturnsTrue.class)),
  /** What was put where another thread has long read on is taken for made. */
  PAST_OF_OTHERS_IS_MADE(change("producer.LogAppender", "isInTheFold", Sabotage.ReturnsTrue.class)),
  /** What is found below the horizon is believed. */
  PAST_IS_BELIEVED(change("producer.LogAppender", "isFoldedAway", Sabotage.ReturnsFalse.class)),
  /** A commit that was put into the past is taken for made. */
  PAST_IS_MADE(change("producer.ProducerSession", "isMade", Sabotage.ReturnsTrue.class)),
  /** A commit that is in a snapshot is taken for lost. */
  FOLDED_IS_LOST(change("producer.ProducerSession", "isMade", Sabotage.ReturnsFalse.class)),
  /** A fenced session goes on, and so do all who read it. */
  ZOMBIES_GO_ON(
      change("producer.SessionOpening", "checkNotFenced", Sabotage.DoesNothing.class),
      change("log.Validity", "epochProblem", Sabotage.ReturnsEmpty.class)),
  /** A session in doubt goes on, and nobody counts its commits. */
  DOUBT_IGNORED(
      change("producer.ProducerSession", "checkNotInDoubt", Sabotage.DoesNothing.class),
      change("log.Validity", "sequenceProblem", Sabotage.ReturnsEmpty.class)),

  /** Nobody looks for the horizon. */
  HORIZON_IGNORED(change("snapshot.Snapshots", "horizon", Sabotage.ReturnsZero.class)),
  /** The horizon is looked for before the log is read, not after. */
  HORIZON_LISTED_FIRST(change("stream.TailFollower", "look", Sabotage.LooksTheWrongWayRound.class)),
  /** The root of a snapshot is put before its segments. */
  ROOT_FIRST(change("snapshot.SnapshotWriter", "<init>", 4, Sabotage.PutsRootFirst.class)),
  /** A snapshot does not know what producers left. */
  ATTACHMENTS_LEFT_OUT_OF_SNAPSHOTS(
      change("snapshot.SegmentJson", "encodeProducers", Sabotage.ForgetsAttachments.class)),
  /** A reader obeys skips that are newer than its rules. */
  NEWEST_SKIPS_APPLY(change("log.StreamState", "skips", 2, Sabotage.AppliesAllSkips.class)),

  /** A trim does not mind pins. */
  PINS_IGNORED(change("retention.PinListing", "oldest", Sabotage.ReturnsEmpty.class)),
  /** Whoever pins does not read the log afterwards. */
  PINNER_DOES_NOT_LOOK(change("retention.Pins", "makeSure", Sabotage.DoesNothing.class)),
  /** A trim counts although its intent was cancelled or replaced. */
  INTENT_IGNORED(change("log.Validity", "isOpen", Sabotage.ReturnsTrue.class)),
  /** The vacuum deletes what producers left for their next commits. */
  ATTACHMENTS_ARE_GARBAGE(
      change("retention.DataSweep", "reachAttachments", Sabotage.DoesNothing.class)),
  /** The vacuum minds only bundles of those who commit steps of them: repeats name others'. */
  REPEATED_IS_GARBAGE(change("stream.CommitWalk", "tell", Sabotage.ForgetsForeignBundles.class)),
  /** The vacuum deletes what a session may still commit. */
  UNFENCED_IS_GARBAGE(change("retention.LostProducers", "isFenced", Sabotage.ReturnsTrue.class)),
  /** The vacuum deletes entries without having moved the horizon. */
  NO_MARK_BEFORE_DELETION(
      change("retention.HistorySweep", "putHorizon", Sabotage.DoesNothing.class),
      change("retention.HistoryPlan", "deleteBelow", Sabotage.DeletesBelowKeptRoot.class)),
  /** The vacuum does not look for what it could delete. */
  NOTHING_IS_GARBAGE(
      change("retention.DataInventory", "unreachedOf", Sabotage.ReturnsNoElements.class)),

  /** A fork does not pin what it may read of its parent. */
  FORK_UNPINNED(change("fork.Forks", "pin", Sabotage.ReturnsEmpty.class)),
  /** A deleted fork leaves no mark, so that its name is used again. */
  FORK_NAME_USED_AGAIN(change("fork.Forks", "mark", Sabotage.DoesNothing.class)),
  /** A fork that has forks is deleted. */
  FORK_OF_FORKS_DELETED(change("fork.Forks", "checkHasNoForks", Sabotage.DoesNothing.class)),
  /** The vacuum of a fork does not look at the fork's own steps. */
  STEPS_OF_FORKS_ARE_GARBAGE(
      change("retention.DataSweep", "reach", 3, Sabotage.DoesNothingInForks.class)),
  /** A repeat counts although what it repeats has been trimmed. */
  TRIMMED_IS_REPEATED(change("log.Validity", "repeatProblem", Sabotage.ReturnsEmpty.class)),
  /** The same repeat counts as often as it is asked for. */
  REPEATED_TWICE(change("log.Validity", "idempotenceProblem", Sabotage.ReturnsEmpty.class)),
  /** A permutation leaves everything where it is. */
  SEED_IGNORED(change("repeat.Shuffle", "shuffle", Sabotage.DoesNothing.class)),
  /** What is said of the slots of a bundle's first step is taken for that of all its steps. */
  FIRST_STEP_SPEAKS_FOR_ALL(
      change("arrow.reader.SlotDirectories", "slots", 1, Sabotage.LooksAtFirstStep.class)),
  /** Heartbeats never expire, so that the dead hold producers back. */
  DEAD_HOLD_BACK(change("retention.Heartbeat", "isLive", Sabotage.ReturnsTrue.class)),
  /** Nobody counts the bytes that producers are ahead. */
  LEAD_IN_BYTES_IGNORED(change("retention.LeadBytes", "from", Sabotage.ReturnsZero.class)),
  /** Producers run ahead of readers as far as they like. */
  LEAD_IGNORED(change("retention.LeadLimit", "limits", Sabotage.ReturnsFalse.class));

  private static final String BASE = "dev.lakestream.";
  private static final String CONSTRUCTOR = "<init>";

  @SuppressWarnings("ImmutableEnumChecker") // never changed
  private final Change[] changes;

  /** A method, or a constructor, and what takes its place; any number of arguments if negative. */
  private record Change(String type, String method, int arguments, Class<?> advice) {
    boolean changes(Executable candidate) {
      boolean named =
          method.equals(CONSTRUCTOR)
              ? candidate instanceof Constructor
              : candidate.getName().equals(method);
      return named && (arguments < 0 || candidate.getParameterCount() == arguments);
    }
  }

  /** The bug is there until this is closed. */
  public interface Planted extends AutoCloseable {
    @Override
    void close();
  }

  PlantedBug(Change... changes) {
    this.changes = changes;
  }

  private static Change change(String type, String method, Class<?> advice) {
    return new Change(type, method, -1, advice);
  }

  private static Change change(String type, String method, int arguments, Class<?> advice) {
    return new Change(type, method, arguments, advice);
  }

  /** Plants the bug. */
  public Planted plant() {
    ByteBuddyAgent.install();
    Set<Class<?>> changed = new LinkedHashSet<>();
    for (Change change : changes) {
      Executable target = find(change);
      Class<?> type = target.getDeclaringClass();
      new ByteBuddy()
          .redefine(type)
          .visit(Advice.to(change.advice()).on(matcher(target)))
          .make()
          .load(type.getClassLoader(), ClassReloadingStrategy.fromInstalledAgent());
      changed.add(type);
    }
    return () -> restore(changed);
  }

  private static void restore(Set<Class<?>> changed) {
    try {
      ClassReloadingStrategy.fromInstalledAgent()
          .reset(
              ClassFileLocator.ForClassLoader.of(PlantedBug.class.getClassLoader()),
              changed.toArray(Class<?>[]::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ElementMatcher<MethodDescription> matcher(Executable target) {
    return target instanceof Constructor<?> constructor
        ? ElementMatchers.is(constructor)
        : ElementMatchers.is((Method) target);
  }

  private Executable find(Change change) {
    try {
      Class<?> type = Class.forName(BASE + change.type());
      List<Executable> found =
          Stream.<Executable>concat(
                  Arrays.stream(type.getDeclaredConstructors()),
                  Arrays.stream(type.getDeclaredMethods()))
              .filter(change::changes)
              .toList();
      if (found.size() != 1) {
        throw new IllegalStateException(
            this + ": there are " + found.size() + " of " + change + ", plant it anew");
      }
      return found.get(0);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(this + ": " + change.type() + " has gone", e);
    }
  }
}
