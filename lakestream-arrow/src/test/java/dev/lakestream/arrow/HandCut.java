// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow;

import dev.lakestream.reader.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The cut of a sequence on plain lists, as one would do it by hand. */
public final class HandCut {
  private HandCut() {}

  /**
   * What a rank gets.
   *
   * @param documents bounds of the row's documents
   * @param declared the boundaries column that the stream declares
   */
  public static List<Object> of(
      List<?> values, List<Integer> documents, Topology topology, Optional<String> declared) {
    if (topology.cpSize() == 1) {
      return new ArrayList<>(values);
    }
    List<Integer> bounds =
        topology.boundaries(declared).isPresent() ? documents : List.of(0, values.size());
    List<Object> result = new ArrayList<>();
    for (int document = 0; document + 1 < bounds.size(); document++) {
      int start = bounds.get(document);
      int chunk = (bounds.get(document + 1) - start) / topology.chunks();
      for (int number : topology.ownChunks()) {
        result.addAll(values.subList(start + number * chunk, start + (number + 1) * chunk));
      }
    }
    return result;
  }
}
