// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import dev.lakestream.cli.demo.DemoCommand;
import dev.lakestream.cli.demo.DemoRankCommand;
import dev.lakestream.cli.demo.DemoStreamCommand;
import dev.lakestream.cli.explain.DiffCommand;
import dev.lakestream.cli.explain.ExplainCommand;
import dev.lakestream.cli.explain.ShowCommand;
import dev.lakestream.cli.retention.PinCommand;
import dev.lakestream.cli.retention.PinsCommand;
import dev.lakestream.cli.retention.ProgressCommand;
import dev.lakestream.cli.retention.RetireCommand;
import dev.lakestream.cli.retention.TrimCommand;
import dev.lakestream.cli.retention.UnpinCommand;
import dev.lakestream.cli.retention.VacuumCommand;
import dev.lakestream.cli.torture.TortureCommand;
import dev.lakestream.cli.torture.TortureProducerCommand;
import dev.lakestream.cli.torture.TortureReaderCommand;
import dev.lakestream.cli.torture.TortureVacuumCommand;
import dev.lakestream.cli.verify.VerifyCommand;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code lakestream} command; each thing that it can do is a subcommand. */
@Command(
    name = "lakestream",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Carries training data from Spark to the ranks of a training run.",
    subcommands = {
      CreateCommand.class,
      DescribeCommand.class,
      StepsCommand.class,
      ShowCommand.class,
      ExplainCommand.class,
      DiffCommand.class,
      TailCommand.class,
      SkipCommand.class,
      SealCommand.class,
      EvolveCommand.class,
      DefaultsCommand.class,
      ForkCommand.class,
      ForksCommand.class,
      RepeatCommand.class,
      VerifyCommand.class,
      PinsCommand.class,
      PinCommand.class,
      UnpinCommand.class,
      ProgressCommand.class,
      TrimCommand.class,
      VacuumCommand.class,
      RetireCommand.class,
      BenchCommand.class,
      SimulateCommand.class,
      DemoCommand.class,
      DemoRankCommand.class,
      DemoStreamCommand.class,
      TortureCommand.class,
      TortureProducerCommand.class,
      TortureReaderCommand.class,
      TortureVacuumCommand.class,
    })
public final class Main implements Runnable {

  @Spec @Nullable CommandSpec spec;

  /** Without a subcommand there is nothing to do: says so, and shows what there is. */
  @Override
  public void run() {
    if (spec == null) {
      throw new IllegalStateException("run without picocli, which sets the spec");
    }
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  /** Exits with 0 if the command did what it was asked, 1 if it failed, 2 if it was misused. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The parser of the command line, which also runs what it has parsed. */
  static CommandLine commandLine() {
    return new CommandLine(new Main()).setExecutionExceptionHandler(new ErrorLine());
  }

  /** The version that the build wrote into the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      @Nullable String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"lakestream " + (version == null ? "(not from a jar)" : version)};
    }
  }
}
