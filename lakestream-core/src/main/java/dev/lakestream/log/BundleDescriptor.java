// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.store.ObjectKey;
import java.io.Serializable;

/**
 * What a commit says of one bundle, so that any rank finds its cells with one range.
 *
 * @param bytes size of the object
 * @param schema id of the schema of its cells
 * @param steps K, the consecutive steps that it holds
 * @param slots S
 * @param pieces C
 */
public record BundleDescriptor(
    ObjectKey key,
    long bytes,
    BundleFormat format,
    int schema,
    int steps,
    int slots,
    int pieces,
    RunLayout runs)
    implements Serializable {
  /** The run of one piece of one slot. */
  public int run(int piece, int slot) {
    return piece * slots + slot;
  }
}
