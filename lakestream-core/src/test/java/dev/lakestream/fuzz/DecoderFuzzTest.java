// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lakestream.error.LakestreamException;
import dev.lakestream.testing.Seals;
import java.util.UUID;
import org.junit.jupiter.api.Tag;

/**
 * Coverage-guided: {@code JAZZER_FUZZ=1} lets it search, otherwise it repeats what it has found.
 */
@Tag("fuzz")
class DecoderFuzzTest {
  private static final UUID STREAM = UUID.fromString("3f8fad5b-d9cb-469f-a165-70867728950e");

  @FuzzTest
  void onlyErrorsOfOurOwn(FuzzedDataProvider data) {
    Decoder decoder = data.pickValue(Decoder.values());
    boolean sealed = data.consumeBoolean();
    byte[] content = data.consumeRemainingAsBytes();
    try {
      decoder.decode(STREAM, sealed ? Seals.seal(content) : content);
    } catch (LakestreamException e) {
      // What a bad object must cause.
    }
  }
}
