// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import dev.lakestream.error.LakestreamException;
import dev.lakestream.error.StepUnavailableException;
import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.store.ObjectNotFoundException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;

/** Errors of streams as Hadoop's tools expect them: {@link IOException}s that name the path. */
final class Failures {
  private Failures() {}

  /** Something that is done to a path. */
  @FunctionalInterface
  interface Action<T> {
    T run() throws IOException, InterruptedException;
  }

  /** Does it, and says what went wrong in Hadoop's terms. */
  static <T> T of(Path path, Action<T> action) throws IOException {
    try {
      return action.run();
    } catch (StepUnavailableException | StreamNotFoundException | ObjectNotFoundException e) {
      throw missing(path, e);
    } catch (FileNotFoundException e) {
      throw String.valueOf(e.getMessage()).startsWith(path + ": ") ? e : missing(path, e);
    } catch (LakestreamException e) {
      throw new PathIOException(path.toString(), e.getMessage(), e);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException(path + ": interrupted");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  private static FileNotFoundException missing(Path path, Exception cause) {
    FileNotFoundException missing = new FileNotFoundException(path + ": " + cause.getMessage());
    missing.initCause(cause);
    return missing;
  }
}
