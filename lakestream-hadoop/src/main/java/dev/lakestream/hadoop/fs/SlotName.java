// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.log.BundleFormat;
import dev.lakestream.stream.CommittedGroup;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a slot's file in a step: {@code slot-0003.arrow}, or of one of its pieces where there
 * are several, {@code slot-0003-piece-01.arrow}; with {@code .parquet} in the end if the cell is a
 * Parquet file. The names of a step sort as the slots do.
 */
record SlotName(int slot, int piece, BundleFormat format) {
  private static final Pattern SYNTAX =
      Pattern.compile("slot-(\\d{1,5})(?:-piece-(\\d{1,4}))?\\.(arrow|parquet)");

  /** A slot or piece by its file's name; says nothing of whether the step has it. */
  static Optional<SlotName> parse(String name) {
    Matcher matcher = SYNTAX.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String piece = matcher.group(2);
    return Optional.of(
        new SlotName(
            Integer.parseInt(matcher.group(1)),
            piece == null ? 0 : Integer.parseInt(piece),
            BundleFormat.of(matcher.group(3)).orElseThrow()));
  }

  /** The slot that a name means in a step, if it is the name of one of its files. */
  static Optional<SlotName> parse(String name, CommittedGroup group, StepCells cells) {
    return parse(name)
        .filter(found -> found.slot() < group.slots() && found.piece() < group.pieces())
        .filter(found -> found.format() == cells.format(found.slot()))
        .filter(found -> found.in(group).equals(name));
  }

  /** The name of its file in a step of this group. */
  String in(CommittedGroup group) {
    String name = "slot-" + padded(slot, group.slots(), 4);
    return (group.pieces() > 1 ? name + "-piece-" + padded(piece, group.pieces(), 2) : name)
        + "."
        + format.label();
  }

  private static String padded(int number, int count, int least) {
    int digits = Math.max(least, Integer.toString(count - 1).length());
    return String.format(Locale.ROOT, "%0" + digits + "d", number);
  }
}
