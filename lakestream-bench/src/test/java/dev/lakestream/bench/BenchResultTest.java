// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a benchmark says of its runs. */
class BenchResultTest {
  @Test
  void bothSidesOfAComparisonHaveAMedianAndASpread() {
    BenchResult result =
        BenchResult.against(
                "bench", "case", "MB/s", List.of(2.0, 9.0, 4.0), "other", List.of(8.0, 6.0, 1.0))
            .with(Map.of("steps/s", 7.0));
    assertThat(result.value()).isEqualTo(4);
    assertThat(result.displaySpread()).isEqualTo("2.00 … 9.00");
    // The median of the pairs' ratios, not the ratio of the medians.
    assertThat(result.ratio()).isEqualTo(1.5);
    assertThat(result.further())
        .containsExactly(
            Map.entry("other", 6.0),
            Map.entry("other's least", 1.0),
            Map.entry("other's most", 8.0),
            Map.entry("steps/s", 7.0));
  }

  @Test
  void aSingleRunHasNoSpread() {
    BenchResult result = BenchResult.against("b", "c", "ms", List.of(2.0), "other", List.of(4.0));
    assertThat(result.displaySpread()).isEmpty();
    assertThat(result.further()).containsExactly(Map.entry("other", 4.0));
  }
}
