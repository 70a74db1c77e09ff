// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.verify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.cli.Output;
import dev.lakestream.cli.Progress;
import dev.lakestream.cli.StreamArgument;
import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.format.SealedJson;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code lakestream verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Reads everything and checks every invariant that can be checked from outside: the log's chain and the"
          + " validity of its entries, snapshots against the log, every cell's checksum and structure, rows,"
          + " tokens and digests of every step, and that bundles are plain Arrow files.",
      "Exits with 1 if anything is wrong. Objects that nothing reaches are counted, not blamed."
    })
public final class VerifyCommand implements Callable<Integer> {
  @Mixin private StreamArgument argument = new StreamArgument();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    Findings findings = new Findings();
    try (ObjectStore store = argument.openStore()) {
      LogVerification log = new LogVerification(store, findings);
      log.run();
      verifyData(store, findings, log.segments());
    }
    print(findings);
    return findings.faultCount() == 0 ? 0 : 1;
  }

  private void verifyData(ObjectStore store, Findings findings, Set<ObjectKey> segments)
      throws IOException, InterruptedException {
    LakeStream stream;
    try {
      stream = LakeStream.open(store);
    } catch (CorruptObjectException e) {
      findings.fault(
          "the stream cannot be opened, so its data was not looked at: " + e.getMessage());
      return;
    }
    long first;
    try {
      first = stream.firstReadable();
    } catch (CorruptObjectException e) {
      findings.fault(e);
      return;
    }
    long steps = stream.state().nextStep() - first;
    try (BufferAllocator allocator = new RootAllocator();
        Progress progress = new Progress(output.err());
        ProgressBar bar = progress.bar("steps", steps)) {
      new StepVerification(stream, allocator, findings).run(bar::stepTo);
      new BundleVerification(stream, allocator, findings, segments).run();
      new RepeatVerification(store, stream, findings).run();
      new ForkVerification(stream, findings).run();
    }
  }

  private void print(Findings findings) {
    ObjectNode json = SealedJson.object();
    json.put("uri", argument.uri()).put("ok", findings.faultCount() == 0);
    findings.counts().forEach(json::put);
    json.put("fault_count", findings.faultCount());
    findings.faults().forEach(json.putArray("faults")::add);
    output.print(
        json,
        out -> {
          findings
              .counts()
              .forEach((what, count) -> out.printf("%-22s %d%n", what.replace('_', ' '), count));
          findings.faults().forEach(fault -> out.println("FAULT: " + fault));
          out.println(
              findings.faultCount() == 0
                  ? "everything that can be checked from outside is right"
                  : findings.faultCount() + " faults");
        });
  }
}
