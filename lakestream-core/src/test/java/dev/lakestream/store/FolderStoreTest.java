// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.testing.MemoryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A folder keeps the contract of a store, and leads nowhere but to its parent. */
class FolderStoreTest extends ObjectStoreContract {
  private static final ObjectKey KEY = ObjectKey.of("log/x");

  @TempDir Path directory;

  @Override
  protected ObjectStore createStore() {
    MemoryStore outermost = new MemoryStore();
    outermost.putIfAbsent(ObjectKey.of("log/of-the-parent"), new byte[1]);
    return FolderStore.ofFork(FolderStore.ofFork(outermost, "a"), "b");
  }

  @Test
  void leadsUpLevelByLevel() throws IOException {
    MemoryStore outermost = new MemoryStore();
    FolderStore first = FolderStore.ofFork(outermost, "a");
    FolderStore second = FolderStore.ofFork(first, "b");
    second.putIfAbsent(KEY, "x".getBytes(UTF_8));
    assertThat(outermost.contents()).containsOnlyKeys("forks/a/forks/b/log/x");
    assertThat(second.name()).isEqualTo("b");
    assertThat(second.root().toString()).endsWith("/forks/a/forks/b");
    ObjectStore above = second.parent().orElseThrow();
    assertThat(above.head(ObjectKey.of("forks/b/log/x"))).isPresent();
    assertThat(above.parent()).containsSame(outermost);
    assertThat(outermost.parent()).isEmpty();
  }

  @Test
  void theRootOfAForkIsAFolderOfTheStoreAbove() throws IOException {
    String root = directory.resolve("stream").toString();
    try (ObjectStore fork = ObjectStores.open(root + "/forks/a/forks/b/", Map.of())) {
      fork.putIfAbsent(KEY, "x".getBytes(UTF_8));
      assertThat(fork.parent().flatMap(ObjectStore::parent)).isPresent();
    }
    try (ObjectStore stream = ObjectStores.open(root, Map.of())) {
      assertThat(stream.head(ObjectKey.of("forks/a/forks/b/log/x"))).isPresent();
      assertThat(stream.parent()).isEmpty();
    }
    try (ObjectStore other = ObjectStores.open("file:" + root + "/forks", Map.of())) {
      assertThat(other.parent()).as("no name of a fork").isEmpty();
      assertThat(other.list(ObjectKey.of("a"), Optional.empty())).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "forks",
        "forks/",
        "forks/../x",
        "forks/.x",
        "forks/a/b",
        "forks/a/forks",
        "/forks/a",
        "log/a"
      })
  void refusesWhatIsNoFolderOfAFork(String folder) {
    MemoryStore outermost = new MemoryStore();
    assertThatThrownBy(() -> FolderStore.of(outermost, folder))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("no folder of a fork");
  }

  @Test
  void refusesForksThatAreTooDeep() {
    MemoryStore outermost = new MemoryStore();
    FolderStore.of(outermost, "forks/a" + "/forks/a".repeat(7));
    assertThatThrownBy(() -> FolderStore.of(outermost, "forks/a" + "/forks/a".repeat(8)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("too deep");
    String wide = "/forks/" + "x".repeat(128);
    assertThatThrownBy(() -> FolderStore.of(outermost, wide.substring(1) + wide.repeat(3)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("512 characters");
  }
}
