// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.commit;

import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * Decentralized adaptive commit (DAC): producers that share nothing but the log take turns.
 *
 * <h2>The problem</h2>
 *
 * <p>A commit is a put of the first version that does not exist. It is decided at one moment inside
 * the store, some time after its producer has last looked; whoever else commits in between makes it
 * fail. That is a shared channel without a coordinator: the log is the medium, a put a packet, and
 * two puts for one version are a collision, of which exactly one survives. One chain carries at
 * most 1 ÷ (look + put) commits a second. Who retries at once fills the channel with losing puts
 * (with P producers, P − 1 of P); who waits at random (ALOHA) uses a fraction of it, and collides
 * all the same.
 *
 * <h2>The idea</h2>
 *
 * <p>Unlike a radio channel, this one remembers: everybody reads the same sequence of entries, in
 * the same order, and with it who came after whom. That order <em>is</em> the schedule. A
 * producer's place in the ring is behind the producer whose entry stood before its own last one,
 * and its turn comes when that predecessor's next entry shows up. So in the steady state there is
 * an implicit token; whoever sees its predecessor's entry holds it. Nobody's clock is compared with
 * anybody else's (entries carry a time, which is not used), nobody needs to know how many producers
 * there are or what period they keep: a frame emerges, of as many slots as there are producers that
 * commit.
 *
 * <p>Each waits until its predecessor's entry is about one <em>slot</em> old, where a slot is some
 * part more than the owner's own gets and puts take. That paces the ring, so that turns rarely have
 * to be waited for and looks rarely come too early.
 *
 * <h2>When the ring is broken</h2>
 *
 * <ul>
 *   <li><b>Nobody before me comes.</b> A predecessor left, or has nothing to commit. If m of those
 *       directly before me have not come, I go m <em>holds</em> later. Since my own predecessor
 *       count is one less than my successor's, the ring skips a gap one producer at a time (as
 *       mini-slotted protocols do), and one who left costs one hold, once: the next round's order
 *       does not know it any more. Beyond 32 in a row a random part keeps those behind apart.
 *   <li><b>I lost.</b> The first loss is mostly an intruder's doing: my successor still waits for
 *       me, so I try again as soon as I have read the winner. After further losses I draw a moment
 *       from a window that doubles, up to twice the ring. Wherever I win, there my new place is.
 *   <li><b>I am new.</b> I look, try once, and then draw from a window as long as the ring that I
 *       have seen so far, so that many who join at once spread over it.
 *   <li><b>My turn went by.</b> If the producer after me came twice, nobody waits for me: I look
 *       and go. The same if far more time passed than a round takes.
 *   <li><b>I am alone.</b> After eight entries in a row of my own I commit at once, without a look.
 *       The first entry of somebody else ends that.
 * </ul>
 *
 * <h2>Looking</h2>
 *
 * <p>Entries are read one get each, whoever commits must have read them all, so a look costs but
 * one get in addition: the one that finds nothing. Far from its turn a producer looks at half the
 * remaining distance, at most 32 slots later; near it, when its predecessor is due, and then again
 * as often as a get takes.
 *
 * <p>Must: never wait for ever while there is data; use bounded memory (4,096 producers, 32
 * neighbours); treat everything that it is told as a hint, since a wrong decision costs a request
 * and nothing else.
 */
public final class AdaptiveCommitPolicy implements CommitPolicy {
  /** Distance of two turns, in (get + put) of the owner. */
  private static final double SLOT = 1.3;

  /** How long a missing predecessor is waited for, in slots. */
  private static final double HOLD = 2.5;

  private static final int LOOK_SLOTS = 32;
  private static final int ALONE_AFTER = 8;
  private static final double REMEMBERED_PERIODS = 1.5;
  private static final int SHORTEST_MEMORY_SLOTS = 8;
  private static final int SMALLEST_WINDOW = 16;
  private static final int MOST_DOUBLINGS = 16;
  private static final long NOT_YET = Long.MIN_VALUE;

  private final String self;
  private final RandomGenerator random;
  private final ActiveProducers others = new ActiveProducers();
  private final Neighbours neighbours = new Neighbours();
  private final RequestLatency get = new RequestLatency();
  private final RequestLatency put = new RequestLatency();

  private long clock = NOT_YET;
  private long lookedAt = NOT_YET;
  private long lastEntryAt = NOT_YET;
  private long wonAt = NOT_YET;
  private long period;
  private long notBefore = NOT_YET;
  private double tieBreak;
  private int losses;
  private int ownInARow = ALONE_AFTER;
  private int othersSinceOwn;

  /**
   * A policy of a producer that has seen nothing yet.
   *
   * @param self the producer's name, as it stands in entries
   */
  public AdaptiveCommitPolicy(String self, RandomGenerator random) {
    this.self = self;
    this.random = random;
  }

  @Override
  public void looked(long began, long ended, List<Sighting> entries) {
    long now = pass(ended);
    get.add(now - Math.min(began, now), entries.size() + 1);
    // An entry is at least as old as the gets that found nothing further took.
    long at = Math.max(Math.max(lookedAt, began), now - get.nanos());
    for (Sighting entry : entries) {
      if (entry.producer().equals(self)) {
        ownInARow = Math.min(ALONE_AFTER, ownInARow + 1);
        othersSinceOwn = 0;
        neighbours.sawOwn();
      } else {
        ownInARow = 0;
        lastEntryAt = at;
        if (!entry.producer().isEmpty()) {
          othersSinceOwn = Math.min(othersSinceOwn + 1, ActiveProducers.MOST);
          others.saw(entry.producer(), at);
          neighbours.sawOther(entry.producer(), at);
        }
      }
    }
    lookedAt = now;
    forgetWhoLeft(now);
  }

  /** Whoever has not come for one and a half of one's own rounds does not count any more. */
  private void forgetWhoLeft(long now) {
    long round = wonAt == NOT_YET ? 0 : Math.max(period, now - wonAt);
    long memory = Math.max(round, SHORTEST_MEMORY_SLOTS * slot());
    others.forgetBefore(now - (long) (REMEMBERED_PERIODS * memory));
  }

  @Override
  public void won(long began, long ended) {
    long now = pass(ended);
    put.add(now - Math.min(began, now), 1);
    period = wonAt == NOT_YET ? 0 : now - wonAt;
    wonAt = now;
    losses = 0;
    notBefore = NOT_YET;
    tieBreak = random.nextDouble();
  }

  @Override
  public void lost(long began, long ended) {
    long now = pass(ended);
    put.add(now - Math.min(began, now), 1);
    losses = Math.min(losses + 1, MOST_DOUBLINGS);
    boolean isNew = wonAt == NOT_YET;
    if (losses > 1 || isNew) {
      long ring = others.count() + 1L;
      long window = Math.max(1L << losses, isNew ? ring : 0);
      long slots = Math.min(window, Math.max(SMALLEST_WINDOW, 2 * ring));
      notBefore = now + (long) (random.nextDouble() * slots * slot());
    }
  }

  @Override
  public OptionalLong interval() {
    return period == 0 ? OptionalLong.empty() : OptionalLong.of(period);
  }

  @Override
  public Move next(long time, OptionalLong readySince) {
    long now = pass(time);
    boolean alone = ownInARow >= ALONE_AFTER;
    if (readySince.isEmpty()) {
      return look(now, alone ? Move.NEVER : latestLook());
    }
    long ready = Math.max(Math.min(now, readySince.getAsLong()), notBefore);
    if (alone) {
      return commit(now, ready);
    }
    boolean hasTurn = neighbours.arePresent() && !neighbours.haveOvertaken() && !isOverdue(now);
    if (notBefore != NOT_YET || !hasTurn) {
      return outOfTurn(now, ready);
    }
    if (neighbours.areAllMissing()) {
      return farFromTurn(now, ready);
    }
    return neighbours.missing() == 0 ? myTurn(now) : nearTurn(now);
  }

  /** Nobody waits for this one: looks, and goes if the tail is fresh. */
  private Move outOfTurn(long now, long due) {
    if (now < due - get.nanos()) {
      return look(now, Math.min(due - get.nanos(), latestLook()));
    }
    return isFresh(now) ? commit(now, now) : look(now, now);
  }

  /** The predecessor came: goes when its entry is a slot old. */
  private Move myTurn(long now) {
    long due = Math.max(now, neighbours.nearestCameAt() + slot() - request());
    // Nobody else is expected for a slot after the last look; later somebody may have come.
    return lookedAt + slot() >= due ? commit(now, due) : look(now, due - get.nanos());
  }

  /** Some of those right before me have not come: one hold for each of them. */
  private Move nearTurn(long now) {
    int missing = neighbours.missing();
    long expected = neighbours.nearestCameAt() + missing * slot();
    long due = expected + slot() - request() + missing * (hold() - slot());
    if (now >= due && isFresh(now)) {
      return commit(now, now);
    }
    return look(now, Math.min(Math.max(expected, soonestLook()), due));
  }

  /**
   * None of those before me has come: their turns are yet to be, or the whole ring stands still.
   */
  private Move farFromTurn(long now, long ready) {
    int missing = neighbours.missing();
    long lastSign = Math.max(wonAt, lastEntryAt);
    long due = Math.max(ready, lastSign) + missing * hold();
    if (missing == Neighbours.KNOWN) {
      due += (long) (tieBreak * missing * hold());
    }
    if (now >= due && isFresh(now)) {
      return commit(now, now);
    }
    long away = Math.max(1, Math.min(LOOK_SLOTS, (others.count() - othersSinceOwn) / 2));
    return look(now, Math.min(Math.max(soonestLook(), lastSign + away * slot()), due));
  }

  /** One get and one put. */
  private long request() {
    return get.nanos() + put.nanos();
  }

  private long slot() {
    return (long) (SLOT * request());
  }

  private long hold() {
    return (long) (HOLD * slot());
  }

  /** Whether so much more than a round went by that waiting for a turn makes no sense any more. */
  private boolean isOverdue(long now) {
    long round = period + (others.count() + 2L * Neighbours.KNOWN) * hold();
    return wonAt != NOT_YET && now - wonAt > 2 * round;
  }

  private boolean isFresh(long now) {
    return lookedAt != NOT_YET && lookedAt >= now - get.nanos() / 2;
  }

  private long soonestLook() {
    return lookedAt == NOT_YET ? clock : lookedAt + get.nanos() / 2;
  }

  private long latestLook() {
    return lookedAt == NOT_YET ? clock : lookedAt + LOOK_SLOTS * slot();
  }

  /** A clock that is set back stands still. */
  private long pass(long time) {
    clock = Math.max(clock, time);
    return clock;
  }

  private static Move look(long now, long at) {
    return new Move(Move.Kind.LOOK, Math.max(now, at));
  }

  private static Move commit(long now, long at) {
    return new Move(Move.Kind.COMMIT, Math.max(now, at));
  }
}
