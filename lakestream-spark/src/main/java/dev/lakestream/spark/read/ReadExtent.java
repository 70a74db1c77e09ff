// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.log.StreamState;
import dev.lakestream.schema.StreamSchema;
import dev.lakestream.spark.options.AsOf;
import dev.lakestream.spark.options.ReadOptions;
import dev.lakestream.stream.CommittedGroup;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.time.Instant;
import java.util.function.Predicate;

/**
 * The steps that a read is about and the schema that they are read with.
 *
 * @param end the step after the last one
 */
public record ReadExtent(long first, long end, StreamSchema schema) {
  /**
   * What options mean for a stream as of its last look.
   *
   * @throws InvalidRequestException if it never had such a version, or no such steps yet
   * @throws StepUnavailableException if what is asked for has been trimmed
   */
  public static ReadExtent of(LakeStream stream, ReadOptions options) throws IOException {
    return asOf(stream, options).limited(options);
  }

  /** All steps of the moment that options name, whatever they say of single steps. */
  static ReadExtent asOf(LakeStream stream, ReadOptions options) throws IOException {
    long readable = stream.firstReadable();
    StreamState state = stream.state();
    ReadExtent all = new ReadExtent(readable, state.nextStep(), state.schema());
    if (options.asOf() instanceof AsOf.Version at) {
      all = asOfVersion(stream, options, at.version(), readable);
    } else if (options.asOf() instanceof AsOf.Time at) {
      all = asOfTime(stream, options, at.time(), readable);
    }
    return all;
  }

  private static ReadExtent asOfVersion(
      LakeStream stream, ReadOptions options, long version, long readable) throws IOException {
    StreamState state = stream.state();
    if (version > state.version()) {
      throw new InvalidRequestException(
          "the stream at "
              + options.address()
              + " has no version "
              + version
              + ": its newest is "
              + state.version());
    }
    long end = endOf(stream, readable, group -> group.version() <= version);
    requireSomething(stream, options, "version " + version, readable, end);
    return new ReadExtent(readable, end, state.schemaAt(version));
  }

  private static ReadExtent asOfTime(
      LakeStream stream, ReadOptions options, Instant time, long readable) throws IOException {
    Instant created = Instant.ofEpochMilli(stream.document().created());
    if (time.isBefore(created) && stream.document().fork().isEmpty()) {
      throw new InvalidRequestException(
          "the stream at " + options.address() + " was created " + created + ", after " + time);
    }
    StreamState state = stream.state();
    long end = endOf(stream, readable, group -> !Instant.ofEpochMilli(group.time()).isAfter(time));
    requireSomething(stream, options, time.toString(), readable, end);
    StreamSchema schema =
        end == state.nextStep()
            ? state.schema()
            : end == readable
                ? state.schemas().get(0).schema()
                : state.schemaAt(stream.groupOf(end - 1).version());
    return new ReadExtent(readable, end, schema);
  }

  /** Neither versions nor times of commits go back from one step to the next. */
  private static long endOf(LakeStream stream, long readable, Predicate<CommittedGroup> isIn)
      throws IOException {
    long low = readable;
    long high = stream.state().nextStep();
    while (low < high) {
      CommittedGroup group = stream.groupOf((low + high) >>> 1);
      if (isIn.test(group)) {
        low = Math.min(group.nextStep(), high);
      } else {
        high = Math.max(group.firstStep(), low);
      }
    }
    return low;
  }

  /** Nothing left and nothing written yet look alike, but are not. */
  private static void requireSomething(
      LakeStream stream, ReadOptions options, String moment, long readable, long end)
      throws IOException {
    if (end == readable && readable > 0) {
      String since =
          readable < stream.state().nextStep()
              ? "the first readable step is "
                  + readable
                  + ", of version "
                  + stream.groupOf(readable).version()
              : "no step is readable";
      throw new StepUnavailableException(
          "the steps that the stream at "
              + options.address()
              + " had at "
              + moment
              + " have been trimmed: "
              + since);
    }
  }

  private ReadExtent limited(ReadOptions options) {
    long from = options.startStep().orElse(first);
    long to = options.endStep().orElse(end);
    if (from < first) {
      throw new StepUnavailableException(
          "option 'startStep' is "
              + from
              + ", but the first readable step of the stream at "
              + options.address()
              + " is "
              + first);
    }
    if (from > end || to > end || to < first) {
      throw new InvalidRequestException(
          "the steps from "
              + from
              + " to before "
              + to
              + " can't be read: the stream at "
              + options.address()
              + " has the steps from "
              + first
              + " to before "
              + end
              + (options.asOf() instanceof AsOf.Now ? "" : " at that time"));
    }
    return new ReadExtent(from, Math.max(from, to), schema);
  }
}
