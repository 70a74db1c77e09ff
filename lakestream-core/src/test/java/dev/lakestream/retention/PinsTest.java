// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.log.Action;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.testing.FaultyStore.Fault;
import dev.lakestream.testing.FaultyStore.Operation;
import dev.lakestream.testing.Seals;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PinsTest extends RetentionScenario {
  private RetentionFixture fixture;
  private Pins pins;

  @BeforeEach
  void begin() throws Exception {
    fixture = create();
    ProducerSession session = fixture.session("tok");
    fixture.produce(session, 20);
    pins = new Pins(fixture.open());
  }

  @Test
  void isListedUntilItIsReleased() throws Exception {
    Pin first = pins.pin("run-7", "ckpt", 3, Optional.empty());
    Pin second = pins.pin("run-7", "ckpt", 4, Optional.of(9L));
    Pin other = pins.pin("eval", "best", 20, Optional.empty());
    assertThat(first.key()).isNotEqualTo(second.key());
    assertThat(pins.list().pins()).containsExactlyInAnyOrder(first, second, other);
    assertThat(pins.list().oldest(0)).contains(first);
    pins.release(first);
    pins.release(first);
    assertThat(pins.list().pins()).containsExactlyInAnyOrder(second, other);
    assertThat(pins.list().broken()).isEmpty();
  }

  @Test
  void releasesAllPinsOfACheckpointAndOfNoOther() throws Exception {
    pins.pin("run", "a", 3, Optional.empty());
    pins.pin("run", "a", 4, Optional.empty());
    Pin longer = pins.pin("run", "a-b", 5, Optional.empty());
    Pin uuid = pins.pin("run", "a-" + UUID.randomUUID(), 5, Optional.empty());
    Pin other = pins.pin("run-2", "a", 5, Optional.empty());
    assertThat(pins.releaseAll("run", "a")).isEqualTo(2);
    assertThat(pins.list().pins()).containsExactlyInAnyOrder(longer, uuid, other);
    assertThat(pins.releaseAll("run", "a")).isZero();
  }

  @Test
  void refusesWhatCannotBe() throws Exception {
    assertThatThrownBy(() -> pins.pin("run", "a", 21, Optional.empty()))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("step 21 is beyond the tail");
    assertThatThrownBy(() -> pins.pin("run", "a", -1, Optional.empty()))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> pins.pin("run", "a", 5, Optional.of(5L)))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> pins.pin("../x", "a", 5, Optional.empty()))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> pins.pin("x", "a/b", 5, Optional.empty()))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> pins.releaseAll("..", "a"))
        .isInstanceOf(InvalidRequestException.class);
    new Trimming(fixture.other()).to(10);
    assertThatThrownBy(() -> pins.pin("run", "a", 9, Optional.empty()))
        .isInstanceOf(StepUnavailableException.class)
        .hasMessageContaining("the first readable step is 10");
    assertThat(fixture.memory.keys("pins")).isEmpty();
  }

  /** An intent that somebody left open is in the way of those who respect it. */
  @Test
  void cancelsOrRespectsAnOpenIntent() throws Exception {
    StreamControl control = new StreamControl(fixture.other());
    control.commit(new Action.TrimIntent(8));
    assertThatThrownBy(() -> pins.pin("run", "a", 7, Optional.empty(), OpenIntents.RESPECT))
        .isInstanceOf(StepUnavailableException.class)
        .hasMessageContaining("announces a trim to 8");
    assertThat(fixture.memory.keys("pins")).isEmpty();
    pins.pin("run", "a", 8, Optional.empty(), OpenIntents.RESPECT);
    assertThat(fixture.other().state().intent()).isPresent();
    pins.pin("run", "a", 7, Optional.empty(), OpenIntents.CANCEL);
    assertThat(fixture.other().state().intent()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"LOST_RESPONSE", "LOST_REQUEST", "LATE"})
  void aPutOfUnknownOutcomeIsRepeated(Fault fault) throws Exception {
    fixture.store.plan(Operation.PUT_IF_ABSENT, "pins/", fault);
    Pin pin = pins.pin("run", "a", 3, Optional.empty());
    fixture.store.landLate();
    assertThat(pins.list().pins()).containsExactly(pin);
  }

  @Test
  void aPutThatIsNeverAnsweredIsNoPin() {
    fixture.store.randomly(1, 1.0);
    assertThatThrownBy(() -> pins.pin("run", "a", 3, Optional.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nothing relies on it; try again");
  }

  /** What can't be made sure of is no pin, and does not stay. */
  @Test
  void aPinIsGivenUpIfTheLogCannotBeRead() throws Exception {
    fixture.store.before(
        Operation.PUT_IF_ABSENT,
        "pins/",
        () -> fixture.store.plan(Operation.GET, "log/", Fault.REFUSED));
    assertThatThrownBy(() -> pins.pin("run", "a", 3, Optional.empty()))
        .isInstanceOf(IOException.class);
    assertThat(fixture.memory.keys("pins")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pins/README",
        "pins/run/a.json",
        "pins/run/deeper/a-0f8fad5b-d9cb-469f-a165-70867728950e.json",
        "pins/run/b-0f8fad5b-d9cb-469f-a165-70867728950e.json",
        "pins/other/a-0f8fad5b-d9cb-469f-a165-70867728950e.json"
      })
  void whatIsNoPinOfItsNameIsBroken(String key) throws Exception {
    Pin pin = pins.pin("run", "a", 3, Optional.empty());
    byte[] good = fixture.memory.contents().get(pin.key().value());
    pins.release(pin);
    fixture.memory.damage(key, good);
    assertBroken(key);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "not json",
        "SEALED {\"lakestream\":1,\"stream\":\"S\",\"job\":\"run\",\"checkpoint\":\"a\",\"from\":-1,\"created\":1",
        "SEALED {\"lakestream\":1,\"stream\":\"S\",\"job\":\"run\",\"checkpoint\":\"a\",\"from\":5,\"to\":4,\"created\":1",
        "SEALED {\"lakestream\":1,\"stream\":\"S\",\"job\":\"run\",\"checkpoint\":\"a\",\"created\":1",
        "SEALED {\"lakestream\":1,\"stream\":\"S\",\"job\":\"../..\",\"checkpoint\":\"a\",\"from\":5,\"created\":1",
        "SEALED {\"lakestream\":1,\"stream\":\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"job\":\"run\",\"checkpoint\":\"a\",\"from\":5,\"created\":1",
      })
  void malformedPinsAreBroken(String content) throws Exception {
    String id = fixture.other().id().toString();
    byte[] bytes =
        content.startsWith("SEALED ")
            ? Seals.seal(content.substring(7).replace("\"S\"", "\"" + id + "\""))
            : content.getBytes(UTF_8);
    String key = "pins/run/a-0f8fad5b-d9cb-469f-a165-70867728950e.json";
    fixture.memory.damage(key, bytes);
    assertBroken(key);
    assertThat(pins.releaseAll("run", "a")).isOne();
    assertThat(pins.list().broken()).isEmpty();
  }

  /** Nobody knows what it needs: perhaps everything. */
  private void assertBroken(String key) throws Exception {
    Pin good = pins.pin("run", "good", 15, Optional.empty());
    PinListing listing = pins.list();
    assertThat(listing.pins()).containsExactly(good);
    assertThat(listing.broken()).hasSize(1);
    assertThat(listing.broken().get(0).object()).isEqualTo(key);
    long entries = fixture.memory.keys("log").size();
    TrimResult result = new Trimming(fixture.open()).to(10);
    assertThat(result.outcome()).isEqualTo(TrimResult.Outcome.BROKEN_PINS);
    assertThat(result.broken()).isEqualTo(listing.broken());
    assertThat(fixture.memory.keys("log")).hasSize((int) entries);
    assertThat(fixture.other().state().firstReadable()).isZero();
  }

  @Test
  void decodesWhatItEncodes() throws Exception {
    Pin pin = pins.pin("run", "a.b-c", 3, Optional.of(2L + (1L << 40)));
    UUID stream = fixture.other().id();
    assertThat(PinJson.decode(stream, pin.key(), PinJson.encode(stream, pin))).isEqualTo(pin);
    assertThatThrownBy(
            () -> PinJson.decode(UUID.randomUUID(), pin.key(), PinJson.encode(stream, pin)))
        .isInstanceOf(CorruptObjectException.class)
        .hasMessageContaining("belongs to the stream");
    assertThat(List.of(new String(PinJson.encode(stream, pin), UTF_8).split(",")))
        .contains("\"job\":\"run\"", "\"from\":3");
  }
}
