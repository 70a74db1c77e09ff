// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import dev.lakestream.format.StreamKeys;
import dev.lakestream.log.ProducerState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Which sessions can still commit what they uploaded, and which producers are to be fenced because
 * they never will. Pure.
 *
 * <p>A clock only decides whom to fence, which loses nothing: a producer that was merely slow opens
 * its next session and goes on. What may be deleted is decided by fences, that is by the log.
 */
final class LostProducers {
  private LostProducers() {}

  /**
   * Whether no entry can name an object of this session any more, but for attachments that the
   * state has: its epoch was followed by another one, or is retired.
   */
  static boolean isFenced(Optional<ProducerState> known, long epoch) {
    return known
        .filter(
            producer ->
                epoch < producer.epoch() || (epoch == producer.epoch() && producer.retired()))
        .isPresent();
  }

  /**
   * The fences that would let these sessions' objects go. Objects of the epoch that comes next can
   * be there although the log knows of no opening: a foreign writer uploaded before it opened. They
   * are fenced by opening that epoch. Later epochs are out of reach of one fence and stay.
   *
   * @param blocked sessions that have unreachable objects
   * @param lastSign of life of a producer, by the store's clock
   */
  static List<Fence> toFence(
      Set<StreamKeys.Owner> blocked,
      Function<String, Optional<ProducerState>> producers,
      Function<String, Instant> lastSign,
      Instant now,
      Duration lostAfter) {
    Map<String, Set<Long>> epochs = new TreeMap<>();
    for (StreamKeys.Owner owner : blocked) {
      epochs.computeIfAbsent(owner.producer(), absent -> new TreeSet<>()).add(owner.epoch());
    }
    List<Fence> fences = new ArrayList<>();
    epochs.forEach(
        (producer, found) -> {
          Instant sign = lastSign.apply(producer);
          if (!sign.plus(lostAfter).isAfter(now)) {
            fence(producer, found, producers.apply(producer), sign).ifPresent(fences::add);
          }
        });
    return fences;
  }

  private static Optional<Fence> fence(
      String producer, Set<Long> epochs, Optional<ProducerState> known, Instant sign) {
    long current = known.map(ProducerState::epoch).orElse(0L);
    if (epochs.contains(current + 1)) {
      return Optional.of(new Fence(producer, current + 1, true, sign));
    }
    return epochs.contains(current) && !isFenced(known, current)
        ? Optional.of(new Fence(producer, current, false, sign))
        : Optional.empty();
  }
}
