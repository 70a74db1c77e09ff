// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.prepare;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import dev.lakestream.error.InvalidRequestException;
import java.util.Arrays;
import org.apache.spark.sql.api.java.UDF2;
import org.jspecify.annotations.Nullable;

/**
 * The SQL function {@code ls_tokenize(text, encoding)}: the tokens of a text, in an encoding of
 * OpenAI's such as {@code 'cl100k_base'} or {@code 'o200k_base'}. What looks like a special token
 * is text as any other. Null stays null.
 */
public final class Tokenize implements UDF2<String, String, int[]> {
  /** What it returns, for those who register it by the name of the class. */
  public static final String TYPE = "array<int>";

  private static final long serialVersionUID = 1L;

  /** Loads each encoding when it is asked for first; thread-safe. */
  private static final EncodingRegistry ENCODINGS = Encodings.newLazyEncodingRegistry();

  @Override
  public int @Nullable [] call(@Nullable String text, String encoding) {
    return text == null ? null : encode(text, encoding);
  }

  /**
   * The tokens of a text.
   *
   * @throws InvalidRequestException if there is no such encoding
   */
  public static int[] encode(String text, String encoding) {
    Encoding found =
        ENCODINGS
            .getEncoding(encoding)
            .orElseThrow(
                () ->
                    new InvalidRequestException(
                        "there is no encoding '"
                            + encoding
                            + "', only "
                            + Arrays.stream(EncodingType.values())
                                .map(EncodingType::getName)
                                .toList()));
    return found.encodeOrdinary(text).toArray();
  }
}
