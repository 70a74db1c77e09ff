// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.store.Region;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ForeignAllocation;
import org.apache.arrow.memory.util.MemoryUtil;

/** A fetched range as Arrow's memory: freed or unmapped when its last user lets go of it. */
final class RegionMemory extends ForeignAllocation {
  private final Region region;

  private RegionMemory(Region region) {
    super(region.bytes().capacity(), MemoryUtil.getByteBufferAddress(region.bytes()));
    this.region = region;
  }

  /** The range as a buffer, which takes the region over. */
  static ArrowBuf wrap(Region region, BufferAllocator allocator) {
    return allocator.wrapForeignAllocation(new RegionMemory(region));
  }

  @Override
  protected void release0() {
    region.close();
  }
}
