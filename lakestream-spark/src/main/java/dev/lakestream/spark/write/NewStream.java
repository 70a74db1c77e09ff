// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.spark.options.WriteOptions;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.stream.Environment;
import dev.lakestream.stream.LakeStream;
import dev.lakestream.stream.StreamDefinition;
import java.io.IOException;
import org.apache.spark.sql.types.StructType;

/** Creates a stream without writing to it, as a job that finds none would. */
public final class NewStream {
  private NewStream() {}

  /**
   * Creates it.
   *
   * @throws dev.lakestream.error.StreamExistsException if there is one
   * @throws dev.lakestream.error.InvalidRequestException if columns and options don't fit
   */
  public static LakeStream create(ObjectStore store, WriteOptions options, StructType columns)
      throws IOException {
    WriteTarget target = WriteTarget.fresh(options, columns);
    return LakeStream.create(
        store,
        new StreamDefinition(
            target.schema().fields(),
            target.slots(),
            target.pieces(),
            target.schema().sequence(),
            target.schema().boundaries()),
        Environment.system());
  }
}
