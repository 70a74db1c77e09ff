// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.format.Digest;
import dev.lakestream.log.Action;
import dev.lakestream.producer.ProducerSession;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.reader.Cursor;
import dev.lakestream.testing.StreamFixture;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cursor is accepted by the history that it is of, and by no other (invariant 7). */
@Timeout(60)
class StreamCursorsTest extends StreamFixture {
  @Test
  void acceptsItsOwnCursorsAndNoOthers() throws Exception {
    LakeStream stream = create();
    Cursor begin = stream.cursor(0, -1);
    assertThat(begin.digest()).isEqualTo(Digest.ZERO);
    ProducerSession session = ProducerSession.open(stream, "a");
    commit(session, 4);
    commit(session, 4);
    for (long step = 0; step <= 8; step++) {
      Cursor cursor = Cursor.fromJson(stream.cursor(step, step % 3 - 1).toJson());
      assertThat(cursor).isEqualTo(stream.cursor(step, step % 3 - 1));
      stream.check(cursor);
      open().check(cursor);
    }
    stream.check(begin);
    Cursor good = stream.cursor(5, -1);
    Digest other = Digest.of(new byte[1]);
    Map<Cursor, String> refused =
        Map.of(
            new Cursor(time.uuid(), 5, -1, good.chain(), good.digest()), "belongs to the stream",
            new Cursor(good.stream(), 9, -1, good.chain(), good.digest()), "another history",
            new Cursor(good.stream(), 5, -1, other, good.digest()), "another one",
            new Cursor(good.stream(), 5, -1, good.chain(), other), "another one",
            new Cursor(good.stream(), 4, -1, good.chain(), good.digest()), "another one",
            new Cursor(good.stream(), 0, -1, good.chain(), Digest.ZERO), "another one",
            new Cursor(good.stream(), 5, 3, good.chain(), good.digest()), "rules version is 3");
    refused.forEach(
        (cursor, why) ->
            assertThatThrownBy(() -> stream.check(cursor))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining(why));
    StreamControl control = new StreamControl(stream);
    control.commit(new Action.Trim(5, control.commit(new Action.TrimIntent(5))));
    stream.check(good); // what it could be compared with is gone
    Cursor trimmed = new Cursor(good.stream(), 4, -1, good.chain(), good.digest());
    assertThatThrownBy(() -> stream.check(trimmed))
        .isInstanceOf(StepUnavailableException.class)
        .hasMessageContaining("first readable step is 5");
    assertThatThrownBy(() -> stream.groupOf(4)).isInstanceOf(StepUnavailableException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "x",
        "{\"next_step\":\"1200\"}",
        "{\"next_step\":1.5}",
        "{\"next_step\":-1}",
        "{\"next_step\":null}",
        "{\"rules\":-2}",
        "{\"rules\":\"x\"}",
        "{\"stream\":\"1-1-1-1-1\"}",
        "{\"chain\":\"\"}",
        "{\"digest\":7}",
        "{\"next_step\":9007199254740992}"
      })
  void refusesWhatIsNoCursor(String change) throws Exception {
    ObjectNodeEditor editor = new ObjectNodeEditor(create().cursor(0, -1).toJson());
    assertThatThrownBy(() -> Cursor.fromJson(editor.with(change)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("cursor");
  }

  /** A good cursor with one member replaced, or something else altogether. */
  private record ObjectNodeEditor(String good) {
    String with(String change) {
      if (!change.startsWith("{\"")) {
        return change;
      }
      String member = change.substring(1, change.indexOf(':'));
      String rest = good.replaceFirst(member + ":(\"[^\"]*\"|-?\\d+),?", "").replace(",}", "}");
      return rest.substring(0, rest.length() - 1) + "," + change.substring(1);
    }
  }
}
