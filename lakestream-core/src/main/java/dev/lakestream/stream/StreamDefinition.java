// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import dev.lakestream.schema.Field;
import java.util.List;
import java.util.Optional;

/**
 * What a stream is created with.
 *
 * @param slots row partitions of a step, as a rule ranks × micro-batches per rank; highly composite
 * @param pieces parts of each slot along the sequence
 * @param sequence the columns that context parallelism divides
 * @param boundaries the column with the starts of documents
 */
public record StreamDefinition(
    List<Field> fields, int slots, int pieces, List<String> sequence, Optional<String> boundaries) {
  public StreamDefinition {
    fields = List.copyOf(fields);
    sequence = List.copyOf(sequence);
  }

  /** A stream of whole rows, without context parallelism in its layout. */
  public static StreamDefinition of(List<Field> fields, int slots) {
    return new StreamDefinition(fields, slots, 1, List.of(), Optional.empty());
  }
}
