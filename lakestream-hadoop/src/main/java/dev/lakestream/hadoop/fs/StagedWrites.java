// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import static dev.lakestream.hadoop.fs.RefusingFileSystem.refused;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.Path;

/**
 * What may be changed through a mount: files and folders below {@code staging}, and the rename that
 * makes a step of them. All else is refused with the reason. Paths are absolute. Thread-safe.
 */
final class StagedWrites {
  private static final String STAGE_ONLY =
      "files are written below staging/<name>/, and become a step when staging/<name> is renamed to"
          + " steps/next";

  private final MountedStreams streams;

  /** Writes to the streams of a mount. */
  StagedWrites(MountedStreams streams) {
    this.streams = streams;
  }

  /** Begins a staged file, which is there when it is closed. */
  StagedOutput create(Path path, boolean overwrite) throws IOException {
    StreamPath place = StreamPath.of(path);
    if (!place.isStaging()) {
      throw refused("create", path, STAGE_ONLY);
    }
    return Failures.of(
        path, () -> streams.stream(place).staging().create(place.below(), overwrite));
  }

  /** Makes a folder and those above it; does nothing where it is. */
  void makeFolders(Path path) throws IOException {
    StreamPath place = StreamPath.of(path);
    if (place.isStaging()) {
      Failures.of(
          path,
          () -> {
            streams.stream(place).staging().makeFolders(place.below());
            return true;
          });
      return;
    }
    Entry there = find(path, place).orElseThrow(() -> refused("make the folder", path, STAGE_ONLY));
    if (!there.folder()) {
      throw new FileAlreadyExistsException(path + " is a file");
    }
  }

  /** Deletes what is staged; false if it was not there. */
  boolean delete(Path path, boolean recursive) throws IOException {
    StreamPath place = StreamPath.of(path);
    if (place.isStaging()) {
      return Failures.of(
          path, () -> streams.stream(place).staging().delete(place.below(), recursive));
    }
    if (find(path, place).isPresent()) {
      throw refused(
          "delete", path, "what is committed stays until 'lakestream trim' lets go of it");
    }
    return false;
  }

  /**
   * Renames what is staged; the rename of {@code staging/<name>} to {@code steps/next} makes a step
   * of it, once, however often it is tried.
   */
  boolean rename(Path source, Path target) throws IOException {
    StreamPath from = StreamPath.of(source);
    StreamPath to = StreamPath.of(target);
    if (!from.isStaging()
        || !from.forks().equals(to.forks())
        || !(to.isStaging() || to.isNextStep())) {
      throw refused("rename", source, "to " + target + ": " + STAGE_ONLY);
    }
    return Failures.of(
        source,
        () -> {
          if (!to.isNextStep()) {
            return streams.stream(from).staging().rename(from.below(), to.below());
          }
          if (from.below().size() != 1) {
            throw refused("make a step of", source, "a whole stage is one, staging/<name>");
          }
          streams.stream(from).commit(from.below().get(0));
          return true;
        });
  }

  private Optional<Entry> find(Path path, StreamPath place) throws IOException {
    try {
      return Optional.of(Failures.of(path, () -> streams.tree(place).find(place.names())));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }
}
