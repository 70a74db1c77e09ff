// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.reader.Cursor;
import org.apache.spark.sql.connector.read.streaming.Offset;

/**
 * Where a streaming query is: a cursor, as trainers store it with their checkpoints. It names the
 * stream and its history by digests, so that a checkpoint can't go on in another one.
 */
final class StepOffset extends Offset {
  private final Cursor cursor;

  StepOffset(Cursor cursor) {
    this.cursor = cursor;
  }

  Cursor cursor() {
    return cursor;
  }

  /** The next step to read. */
  long step() {
    return cursor.nextStep();
  }

  @Override
  public String json() {
    return cursor.toJson();
  }
}
