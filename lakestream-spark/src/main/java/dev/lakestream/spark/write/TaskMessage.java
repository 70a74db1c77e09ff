// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.internal.io.FileCommitProtocol.TaskCommitMessage;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.apache.spark.sql.execution.datasources.ExecutedWriteSummary;
import org.apache.spark.sql.execution.datasources.WriteTaskResult;
import org.apache.spark.sql.execution.datasources.WriteTaskStats;
import scala.collection.immutable.Set$;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A receipt on its way to the driver: bytes, in a class that is Spark's own.
 *
 * <p>Spark reads the results of tasks with a class loader that knows no jar that came by {@code ADD
 * JAR}, or, where tasks are threads of the driver, knows a copy of it whose classes are others. And
 * the serializer that a user has chosen, Kryo say, need not know what a record is.
 */
final class TaskMessage {
  private TaskMessage() {}

  static WriterCommitMessage of(TaskReceipt receipt) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(receipt);
    }
    return new WriteTaskResult(
        new TaskCommitMessage(bytes.toByteArray()),
        new ExecutedWriteSummary(
            Set$.MODULE$.empty(), CollectionConverters.asScala(List.<WriteTaskStats>of()).toSeq()));
  }

  /** Those of the tasks that have sent one, in the order of the partitions. */
  static List<TaskReceipt> receipts(WriterCommitMessage[] messages) {
    return Arrays.stream(messages).filter(Objects::nonNull).map(TaskMessage::receipt).toList();
  }

  private static TaskReceipt receipt(WriterCommitMessage message) {
    byte[] bytes = (byte[]) ((WriteTaskResult) message).commitMsg().obj();
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      return (TaskReceipt) in.readObject();
    } catch (IOException e) {
      throw new UncheckedIOException("what a task has sent can't be read", e);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("a task has another version of our jar than the driver", e);
    }
  }
}
