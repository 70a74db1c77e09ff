// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.format.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A judge that can't find a fault counts for nothing: each kind of fault, one by one. */
class AccountsTest {
  private static final int READERS = 2;

  @TempDir private Path folder;

  /** What both readers got of a step that has a producer's next 32 rows. */
  private static List<String> step(long step, int producer, long firstRow) {
    List<String> lines = new ArrayList<>();
    for (int rank = 0; rank < READERS; rank++) {
      List<String> slots = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int slot = rank * 4 + i;
        slots.add(String.format(Locale.ROOT, "[%d,%d,%d,4]", slot, producer, firstRow + slot * 4L));
      }
      lines.add("{\"step\":" + step + ",\"slots\":[" + String.join(",", slots) + "]}");
    }
    return lines;
  }

  private Accounts accounts(List<List<String>> steps) throws IOException {
    List<Path> journals = new ArrayList<>();
    for (int rank = 0; rank < READERS; rank++) {
      StringBuilder text = new StringBuilder();
      for (List<String> lines : steps) {
        if (!lines.get(rank).isEmpty()) {
          text.append(lines.get(rank)).append('\n');
        }
      }
      Path journal = folder.resolve("reader-" + rank);
      Files.writeString(journal, text);
      journals.add(journal);
    }
    Accounts accounts = new Accounts(2, READERS);
    accounts.deliver(journals);
    return accounts;
  }

  private static void expect(Accounts accounts, String fault) {
    assertThat(accounts.faults()).anyMatch(told -> told.contains(fault));
  }

  @Test
  void findsNothingWhereNothingIsWrong() throws IOException {
    Accounts accounts = accounts(List.of(step(0, 0, 0), step(1, 1, 0), step(2, 0, 32)));
    accounts.checkPosition(0, new Position(64, List.of()));
    accounts.checkPosition(1, new Position(40, rest(2)));
    Path acknowledged =
        Files.writeString(
            folder.resolve("acks"), "{\"first_step\":2,\"steps\":1,\"first_row\":32}\n{\"torn");
    accounts.checkAcknowledged(0, acknowledged);
    accounts.checkAcknowledged(1, folder.resolve("absent"));
    assertThat(accounts.faults()).isEmpty();
    assertThat(accounts.steps()).isEqualTo(3);
    assertThat(accounts.rows()).isEqualTo(96);
    assertThat(accounts.acknowledged()).isEqualTo(1);
  }

  private static List<Digest> rest(int slots) {
    List<Digest> rest = new ArrayList<>();
    for (int i = 0; i < slots; i++) {
      rest.add(Digest.ZERO);
    }
    return rest;
  }

  @Test
  void findsLostRows() throws IOException {
    expect(
        accounts(List.of(step(0, 0, 0), step(1, 0, 64))), "row 64 of producer 0, its next is 32");
    Accounts short1 = accounts(List.of(step(0, 0, 0)));
    short1.checkPosition(0, new Position(64, List.of()));
    expect(short1, "committed the rows below 64, those below 32 were delivered");
  }

  @Test
  void findsRepeatedAndReorderedRows() throws IOException {
    expect(accounts(List.of(step(0, 0, 0), step(1, 0, 0))), "row 0 of producer 0, its next is 32");
    expect(accounts(List.of(step(0, 0, 32), step(1, 0, 0))), "row 32 of producer 0, its next is 0");
  }

  @Test
  void findsStepsThatAReaderMissedOrGotTwice() throws IOException {
    List<String> missed = List.of(step(1, 1, 0).get(0), "");
    expect(accounts(List.of(step(0, 0, 0), missed)), "reader 1 got 1 steps, reader 0 2");
    expect(accounts(List.of(step(0, 0, 0), step(0, 0, 0))), "reader 0 got step 0 after step 0");
    List<String> swapped = List.of(step(0, 0, 0).get(1), step(0, 0, 0).get(0));
    expect(accounts(List.of(swapped)), "reader 0 got slot 4 of step 0");
  }

  @Test
  void findsWhatWasAcknowledgedAndIsNotThere() throws IOException {
    Accounts accounts = accounts(List.of(step(0, 0, 0), step(1, 1, 0)));
    accounts.checkAcknowledged(
        0,
        Files.writeString(
            folder.resolve("foreign"), "{\"first_step\":1,\"steps\":1,\"first_row\":0}\n"));
    accounts.checkAcknowledged(
        1,
        Files.writeString(
            folder.resolve("beyond"), "{\"first_step\":2,\"steps\":1,\"first_row\":32}\n"));
    accounts.checkAcknowledged(
        1,
        Files.writeString(
            folder.resolve("other"), "{\"first_step\":1,\"steps\":1,\"first_row\":32}\n"));
    expect(accounts, "step 1 was acknowledged to producer 0");
    expect(accounts, "step 2 was acknowledged to producer 1");
    expect(accounts, "step 1 was acknowledged with the rows from 32");
  }

  @Test
  void aTornLineNeverHappened() throws IOException {
    Path file = folder.resolve("journal");
    Files.writeString(file, "{\"a\":1}\n{\"a\":2}\n{\"a\":");
    assertThat(Journal.last(file).orElseThrow().get("a").intValue()).isEqualTo(2);
    try (Journal journal = Journal.append(file)) {
      journal.write(Journal.last(file).orElseThrow());
    }
    assertThat(file).hasContent("{\"a\":1}\n{\"a\":2}\n{\"a\":2}\n");
    assertThat(Journal.last(folder.resolve("none"))).isEmpty();
  }
}
