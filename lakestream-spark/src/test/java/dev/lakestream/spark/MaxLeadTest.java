// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lakestream.log.Action;
import dev.lakestream.producer.StreamControl;
import dev.lakestream.retention.Heartbeats;
import dev.lakestream.retention.LeadLog;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are held back because the stream is too far ahead of a reader. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MaxLeadTest {
  /** Seconds that nobody waits for unless something is wrong, or the machine is very busy. */
  private static final long PATIENCE = 120;

  private final CompletableFuture<String> saidSo = new CompletableFuture<>();
  private final AbstractAppender appender =
      new AbstractAppender("max-lead", null, null, true, Property.EMPTY_ARRAY) {
        @Override
        public void append(LogEvent event) {
          String message = event.getMessage().getFormattedMessage();
          if (message.contains("is held back")) {
            saidSo.complete(message);
          }
        }
      };
  @TempDir private Path folder;
  private Logger logger;

  @BeforeEach
  void listen() {
    // The others of these tests are quiet but for errors.
    Configurator.setLevel(LeadLog.class, Level.INFO);
    logger = (Logger) LogManager.getLogger(LeadLog.class);
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void listenNoMore() {
    logger.removeAppender(appender);
    Configurator.setLevel(LeadLog.class, Level.ERROR);
  }

  private Path root() {
    return folder.resolve("stream");
  }

  private void write(String maxLead, String producer) {
    Sparks.write(Sparks.rows(8, 2), 4, 2)
        .option("maxLead", maxLead)
        .option("producer", producer)
        .save(root().toString());
  }

  @Test
  void whoIsNotAheadOfAnybodyIsNotHeldBack() throws Exception {
    write("2", "first");
    write("1", "nobody-reads");
    new Heartbeats(Sparks.stream(root())).beat("run", 2);
    write("3", "two-steps-ahead");
    new Heartbeats(Sparks.stream(root())).beat("run", 6);
    write("1k", "not-ahead");
    assertThat(Sparks.steps(root())).hasSize(8);
    assertThat(saidSo).isNotDone();
  }

  @Test
  void aJobWaitsForTheReaderBeforeItsTasksBegin() throws Exception {
    write("2", "first");
    Heartbeats heartbeats = new Heartbeats(Sparks.stream(root()));
    heartbeats.beat("run", 0);
    CompletableFuture<Void> job = CompletableFuture.runAsync(() -> write("2", "second"));
    assertThat(saidSo.get(PATIENCE, TimeUnit.SECONDS))
        .contains("producer second is held back")
        .contains("job run reads step 0 next, the tail is 2 steps")
        .contains("maxLead is 2 steps");
    assertThat(job).isNotDone();
    assertThat(Sparks.stream(root()).producer("second"))
        .as("no session, so no task: it fences nobody while it waits")
        .isEmpty();
    assertThat(Sparks.steps(root())).hasSize(2);
    heartbeats.beat("run", 1);
    job.get(PATIENCE, TimeUnit.SECONDS);
    assertThat(Sparks.steps(root())).hasSize(4);
  }

  @Test
  void aStreamThatIsSealedWhileAJobWaitsIsNotWrittenTo() throws Exception {
    write("2", "first");
    Heartbeats heartbeats = new Heartbeats(Sparks.stream(root()));
    heartbeats.beat("run", 0);
    CompletableFuture<Void> job = CompletableFuture.runAsync(() -> write("2", "second"));
    saidSo.get(PATIENCE, TimeUnit.SECONDS);
    new StreamControl(Sparks.stream(root())).commit(new Action.Seal());
    heartbeats.end("run");
    assertThat(job)
        .failsWithin(PATIENCE, TimeUnit.SECONDS)
        .withThrowableOfType(ExecutionException.class)
        .withMessageContaining("is sealed: no step can follow");
    assertThat(Sparks.stream(root()).producer("second")).isEmpty();
  }
}
