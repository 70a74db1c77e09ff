// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.format;

import dev.lakestream.store.ObjectKey;
import java.util.Optional;

/**
 * A key of data, part by part: {@code data/<spread>/<producer>/<epoch>/<uuid>.<extension>}. Each
 * entry that anybody folds names some, so it is taken apart without a regular expression.
 *
 * @param spread two lower-case hex digits
 * @param producer not checked
 * @param epoch digits without leading zeros, 16 at most
 * @param extension arrow, parquet or json
 */
record DataKey(String spread, String producer, String epoch, String uuid, String extension) {
  private static final int PARTS = 5;
  private static final int SPREAD_DIGITS = 2;
  private static final int EPOCH_DIGITS = 16;
  private static final int UUID_LENGTH = 36;

  /** Takes a key apart; empty for a foreign one. */
  static Optional<DataKey> of(ObjectKey key) {
    String[] parts = key.value().split("/", -1);
    if (parts.length != PARTS || !parts[0].equals(StreamKeys.DATA.value())) {
      return Optional.empty();
    }
    String name = parts[4];
    if (name.length() <= UUID_LENGTH || name.charAt(UUID_LENGTH) != '.') {
      return Optional.empty();
    }
    DataKey data =
        new DataKey(
            parts[1],
            parts[2],
            parts[3],
            name.substring(0, UUID_LENGTH),
            name.substring(UUID_LENGTH + 1));
    return data.isWellFormed() ? Optional.of(data) : Optional.empty();
  }

  private boolean isWellFormed() {
    return spread.length() == SPREAD_DIGITS
        && spread.chars().allMatch(c -> Syntax.isLowerHex((char) c))
        && epoch.length() <= EPOCH_DIGITS
        && epoch.chars().allMatch(c -> Syntax.isDigit((char) c))
        && (epoch.equals("0") || epoch.charAt(0) != '0')
        && Syntax.isUuid(uuid)
        && (extension.equals("arrow") || extension.equals("parquet") || isSegment());
  }

  /** Whether it is a segment of a commit, not a bundle. */
  boolean isSegment() {
    return extension.equals("json");
  }

  /** Whether the object is where its name says. */
  boolean isInItsSpread() {
    return uuid.startsWith(spread);
  }
}
