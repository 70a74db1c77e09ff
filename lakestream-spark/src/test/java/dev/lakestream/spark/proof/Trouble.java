// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.proof;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.TaskContext;

/** What one attempt of one task of a job meets in the middle of its rows. */
enum Trouble {
  NONE {
    @Override
    void meet(Path marks) {
      // Nothing happens.
    }
  },

  /** The attempt throws. */
  FAILURE {
    @Override
    void meet(Path marks) throws IOException {
      if (makes(marks)) {
        throw new IllegalStateException("on purpose");
      }
    }
  },

  /** The process of the attempt is killed. */
  KILLED_EXECUTOR {
    @Override
    void meet(Path marks) throws IOException {
      if (makes(marks)) {
        // The signal that no process can handle; a JVM refuses to destroy itself.
        long self = ProcessHandle.current().pid();
        new ProcessBuilder("kill", "-KILL", String.valueOf(self)).start();
        while (true) {
          LockSupport.park();
        }
      }
    }
  },

  /** The attempt gets no further, until Spark has had another one in its place and kills it. */
  SLOW {
    @Override
    void meet(Path marks) throws IOException {
      if (makes(marks)) {
        while (!TaskContext.get().isInterrupted()) {
          LockSupport.park();
        }
        throw new InterruptedIOException("overtaken");
      }
    }
  };

  /**
   * Called by a task that has written some of its rows.
   *
   * @param marks a folder of the job, which all its processes see
   */
  abstract void meet(Path marks) throws IOException;

  /** What there is in the folder once the trouble was met. */
  Path mark(Path marks) {
    return marks.resolve(name());
  }

  /**
   * Leaves the mark.
   *
   * @return whether it was not there before
   */
  boolean makes(Path marks) throws IOException {
    Path mark = mark(marks);
    if (Files.exists(mark)) {
      return false;
    }
    Files.createFile(mark);
    return true;
  }
}
