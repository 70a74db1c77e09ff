// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lakestream.testing.PlantedBug;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A seed that fails is found, said, and played again by the one command that is printed. */
@Isolated("bugs are planted into the classes of the whole JVM")
class SimulateCommandTest {
  private static final String PROGRAM = "bin/lakestream ";
  private static final String[] CAMPAIGN = {"simulate", "--schedules", "2000", "--workers", "1"};

  private final StringWriter out = new StringWriter();

  @Test
  void aSeedThatFailsIsACommand() {
    String[] again;
    try (PlantedBug.Planted planted = PlantedBug.NO_MARK_BEFORE_DELETION.plant()) {
      assertThat(run(CAMPAIGN)).isEqualTo(1);
      String violation = line("VIOLATION of invariant 8: ");
      again = line(PROGRAM).substring(PROGRAM.length()).split(" ", -1);
      assertThat(again)
          .startsWith("simulate", "--schedules", "1", "--seed")
          .endsWith("--trace")
          .hasSize(6);

      assertThat(run(again)).isEqualTo(1);
      assertThat(line("VIOLATION")).isEqualTo(violation);
      assertThat(out.toString()).contains("PUT-IF-ABSENT", "1 schedules, ");
    }
    assertThat(run(again)).isZero();
    assertThat(out.toString()).contains("no invariant was violated");
  }

  @Test
  void programsAreToldTheSame() throws Exception {
    try (PlantedBug.Planted planted = PlantedBug.ROOT_FIRST.plant()) {
      assertThat(run("simulate", "--schedules", "2000", "--workers", "1", "--json")).isEqualTo(1);
    }
    JsonNode told = new JsonMapper().readTree(out.toString());
    assertThat(told.get("ok").booleanValue()).isFalse();
    JsonNode failure = told.get("failure");
    assertThat(failure.get("invariant").intValue()).isEqualTo(3);
    assertThat(failure.get("command").textValue())
        .isEqualTo(
            "bin/lakestream simulate --schedules 1 --seed " + failure.get("seed") + " --trace");
    assertThat(failure.get("trace")).isNotEmpty();
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    StringWriter err = new StringWriter();
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  /** The one line that begins like this, whatever it is indented by. */
  private String line(String start) {
    List<String> found =
        out.toString().lines().map(String::strip).filter(line -> line.startsWith(start)).toList();
    assertThat(found).as(out.toString()).hasSize(1);
    return found.get(0);
  }
}
