// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.store.Atomicity;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectUpload;
import dev.lakestream.store.PendingUpload;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import java.util.List;

/**
 * How a kind of file system makes an object appear under its name: whole, durable, and for one of
 * those who race for it. The methods promise what those of the same name of {@link
 * dev.lakestream.store.ObjectStore} do.
 */
interface Placement {
  Atomicity atomicity();

  PutResult putIfAbsent(ObjectKey key, byte[] content) throws IOException;

  void put(ObjectKey key, byte[] content) throws IOException;

  ObjectUpload upload(ObjectKey key) throws IOException;

  /** Tidies up after an object was deleted; failing does no harm. */
  void deleted(ObjectKey key);

  List<PendingUpload> pendingUploads() throws IOException;

  void abort(PendingUpload upload) throws IOException;
}
