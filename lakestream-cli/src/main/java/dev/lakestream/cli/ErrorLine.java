// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import dev.lakestream.error.LakestreamException;
import java.io.IOException;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/**
 * Turns what goes wrong into one line on standard error and exit code 1; a fault of our own keeps
 * its stack trace, so that it can be reported.
 */
final class ErrorLine implements IExecutionExceptionHandler {
  @Override
  public int handleExecutionException(Exception error, CommandLine command, ParseResult parsed) {
    if (error instanceof InterruptedException) {
      Thread.currentThread().interrupt();
      command.getErr().println("interrupted");
    } else if (error instanceof LakestreamException
        || error instanceof IOException
        || error instanceof UncheckedIOException) {
      command.getErr().println("error: " + error.getMessage());
    } else {
      error.printStackTrace(command.getErr());
    }
    return command.getCommandSpec().exitCodeOnExecutionException();
  }
}
