// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.reader;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.error.UnsupportedFeatureException;
import dev.lakestream.log.BundleDescriptor;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.ForeignAllocation;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Reads ranges of bundles into memory that Arrow counts: a region is freed or unmapped when the
 * last buffer that uses it is closed.
 */
record RangeReader(ObjectStore store, BufferAllocator allocator) {

  /** A range of a bundle; the caller closes it. */
  ArrowBuf read(BundleDescriptor bundle, long offset, long length) throws IOException {
    if (length > Integer.MAX_VALUE) {
      throw new UnsupportedFeatureException(
          bundle.key() + ": " + length + " bytes in one piece, this client reads 2 GiB at most");
    }
    Region region;
    try {
      region = store.read(bundle.key(), offset, (int) length);
    } catch (ObjectNotFoundException e) {
      throw new CorruptObjectException(
          bundle.key().value(), "a commit names it, but it is not there", e);
    }
    try {
      return allocator.wrapForeignAllocation(new ReadRegion(region, region.bytes()));
    } catch (RuntimeException | Error e) {
      region.close();
      throw e;
    }
  }

  private static final class ReadRegion extends ForeignAllocation {
    private final Region region;

    ReadRegion(Region region, ByteBuffer bytes) {
      super(bytes.remaining(), MemoryUtil.getByteBufferAddress(bytes) + bytes.position());
      this.region = region;
    }

    @Override
    protected void release0() {
      region.close();
    }
  }
}
