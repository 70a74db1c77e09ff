// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.format.Limits;
import dev.lakestream.format.StreamKeys;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.testing.Backing;
import dev.lakestream.testing.History;
import dev.lakestream.testing.Seals;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which root is found, and what is listed for it. */
class SnapshotsTest {
  private static final SnapshotWriter.Shape SMALL = new SnapshotWriter.Shape(3, 8, 4096, 2, 2);

  private final History history = History.begin(5, backing());
  private final List<String> listed = new ArrayList<>();
  private final ObjectStore listing =
      (ObjectStore)
          Proxy.newProxyInstance(
              ObjectStore.class.getClassLoader(),
              new Class<?>[] {ObjectStore.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("list")) {
                  listed.add(
                      ((Optional<?>) arguments[1])
                          .map(key -> "after " + StreamKeys.version((ObjectKey) key).orElseThrow())
                          .orElse("all"));
                }
                try {
                  return method.invoke(history.store(), arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
  private final Snapshots snapshots = new Snapshots(listing, history.document().id());

  /** What keeps the objects; a subclass runs the same tests on another store. */
  protected Backing backing() {
    return Backing.memory();
  }

  /** Roots of the versions 1, 2 and 3. */
  @BeforeEach
  void write() throws IOException {
    history.open("a");
    Optional<SnapshotRoot> root = Optional.empty();
    for (int i = 0; i < 3; i++) {
      history.commit("a", 1);
      root = Optional.of(history.snapshot(SMALL, root));
    }
  }

  private void hint(String body) {
    history.store().damage("hint.json", Seals.seal(body));
  }

  private long recent(long horizon, long entries) throws IOException {
    return snapshots.recent(horizon, entries).orElseThrow().state().version();
  }

  private long newest(long horizon) throws IOException {
    return snapshots.newest(horizon).orElseThrow().state().version();
  }

  @Test
  void theHintOnlyShortensTheListing() throws IOException {
    assertThat(newest(0)).isEqualTo(3);
    assertThat(listed).containsExactly("after 2");
    listed.clear();
    hint("{\"version\":2"); // went backwards
    assertThat(newest(0)).isEqualTo(3);
    assertThat(listed).containsExactly("after 1");
    listed.clear();
    hint("{\"version\":1000"); // beyond the tail
    assertThat(newest(0)).isEqualTo(3);
    assertThat(listed).containsExactly("after 999", "all");
    listed.clear();
    hint("{\"version\":2"); // below the horizon
    assertThat(newest(3)).isEqualTo(3);
    assertThat(listed).containsExactly("after 2");
  }

  @Test
  void anOpeningThatGoesWellListsNoRoots() throws IOException {
    assertThat(recent(0, 1)).isEqualTo(3);
    hint("{\"version\":2"); // went backwards, not far
    assertThat(recent(0, 1)).isEqualTo(2);
    assertThat(listed).isEmpty();
    assertThat(recent(0, 0)).as("an entry too many follows").isEqualTo(3);
    assertThat(listed).containsExactly("after 1");
  }

  @Test
  void aHintThatDoesNotHelpIsFollowedByAListing() throws IOException {
    for (String version : List.of("0", "1000", Long.toString(Limits.MAX_INTEGER))) {
      hint("{\"version\":" + version);
      assertThat(recent(0, 5)).isEqualTo(3);
    }
    hint("{\"version\":2"); // below the horizon
    assertThat(recent(2, 5)).isEqualTo(3);
    hint("{\"version\":3"); // of a root that is broken
    history.store().damage(StreamKeys.snapshot(3).value(), new byte[5]);
    assertThat(recent(0, 5)).isEqualTo(2);
  }

  @Test
  void aHintOfNoUseIsNoHint() throws IOException {
    for (String body : List.of("{\"version\":-1", "{\"version\":\"3\"", "{\"x\":1", "", "[")) {
      listed.clear();
      hint(body);
      assertThat(newest(0)).isEqualTo(3);
      assertThat(listed).containsExactly("all");
    }
    history.store().damage("hint.json", "{\"version\":3}".getBytes(UTF_8));
    assertThat(newest(0)).isEqualTo(3);
    history.store().delete(StreamKeys.HINT);
    assertThat(newest(0)).isEqualTo(3);
  }

  @Test
  void rootsBelowTheHintAreFoundIfThoseAboveAreBroken() throws IOException {
    history.store().damage(StreamKeys.snapshot(3).value(), new byte[5]);
    assertThat(newest(0)).isEqualTo(2);
    assertThat(listed).containsExactly("after 2", "all");
    assertThat(snapshots.newest(3)).isEmpty();
  }

  @Test
  void theHorizonIsListedFromTheOneThatIsKnown() throws IOException {
    assertThat(snapshots.horizon()).isZero();
    history.removeBelow(1);
    history.removeBelow(2);
    assertThat(snapshots.horizon()).isEqualTo(2);
    history.removeBelow(3);
    assertThat(snapshots.horizon()).isEqualTo(3);
    history.store().delete(StreamKeys.horizon(3));
    assertThat(snapshots.horizon()).isEqualTo(3);
    assertThat(listed).containsExactly("all", "all", "after 2", "after 3");
  }
}
