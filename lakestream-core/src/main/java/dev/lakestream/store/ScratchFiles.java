// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The files that are yet to get their name, or never will, of a local directory.
 *
 * <p>Keeps invariant 10: what is deleted has a name as we give it, and lies in this folder, which
 * is no link to another one.
 */
final class ScratchFiles {
  private final Path folder;

  ScratchFiles(Path folder) {
    this.folder = folder;
  }

  /** All of them; which key a file is to get, its writer alone knows. */
  List<PendingUpload> list() throws IOException {
    if (!isFolder()) {
      return List.of();
    }
    List<PendingUpload> pending = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        describe(file).ifPresent(pending::add);
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    pending.sort(Comparator.comparing(PendingUpload::id));
    return List.copyOf(pending);
  }

  /** Deletes one; a link that was made of it stays. */
  void delete(String name) throws IOException {
    if (isName(name) && isFolder()) {
      Files.deleteIfExists(folder.resolve(name));
    }
  }

  private static Optional<PendingUpload> describe(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return isName(name) && attributes.isRegularFile()
          ? Optional.of(
              new PendingUpload(
                  name,
                  Optional.empty(),
                  attributes.size(),
                  attributes.lastModifiedTime().toInstant()))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private boolean isFolder() {
    return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean isName(String name) {
    try {
      return UUID.fromString(name).toString().equals(name);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
