// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.apache.spark.sql.connector.write.WriterCommitMessage;
import org.junit.jupiter.api.Test;
import scala.reflect.ClassTag$;

/** What tasks send reaches a driver whatever Spark reads it with. */
class TaskMessageTest {
  private static final TaskReceipt RECEIPT =
      new TaskReceipt(
          IpcRows.none(),
          List.of(),
          List.of(),
          List.of(3L, 5L),
          List.of(),
          IpcRows.none(),
          new UploadMeter(7, 8));

  /** As Spark reads results of tasks in a session that got the jar by ADD JAR. */
  @Test
  void aClassLoaderWithoutOurJarReadsIt() throws Exception {
    ClassLoader spark =
        new ClassLoader(getClass().getClassLoader()) {
          @Override
          protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("dev.lakestream.")) {
              throw new ClassNotFoundException(name);
            }
            return super.loadClass(name, resolve);
          }
        };
    arrives(new JavaSerializer(new SparkConf(false)).newInstance(), spark);
  }

  @Test
  void theSerializerMayBeKryoThatKnowsOnlyWhatIsRegistered() throws Exception {
    SparkConf strict = new SparkConf(false).set("spark.kryo.registrationRequired", "true");
    arrives(new KryoSerializer(strict).newInstance(), getClass().getClassLoader());
  }

  private static void arrives(SerializerInstance serializer, ClassLoader loader) throws Exception {
    ByteBuffer sent =
        serializer.serialize(TaskMessage.of(RECEIPT), ClassTag$.MODULE$.apply(Object.class));
    WriterCommitMessage received =
        serializer.deserialize(sent, loader, ClassTag$.MODULE$.apply(WriterCommitMessage.class));
    assertThat(TaskMessage.receipts(new WriterCommitMessage[] {null, received}))
        .singleElement()
        .usingRecursiveComparison()
        .isEqualTo(RECEIPT);
  }
}
