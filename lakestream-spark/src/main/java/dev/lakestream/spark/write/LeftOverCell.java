// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.write;

import dev.lakestream.format.Digest;
import dev.lakestream.log.BundleDescriptor;
import java.io.Serializable;

/**
 * A durable slot that is no part of a step yet.
 *
 * @param bundle of one step that holds it
 * @param slot which of the bundle's
 */
record LeftOverCell(BundleDescriptor bundle, int slot, Digest digest, CellStats stats)
    implements Serializable {}
