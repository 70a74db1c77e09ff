// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicBoolean;

/** A mapped range of a file, unmapped when closed rather than when the collector finds it. */
final class MappedRegion implements Region {
  private static final MethodHandle INVOKE_CLEANER = invokeCleaner();

  private final MappedByteBuffer mapped;
  private final ByteBuffer bytes;
  private final AtomicBoolean closed = new AtomicBoolean();

  private MappedRegion(MappedByteBuffer mapped) {
    this.mapped = mapped;
    this.bytes = mapped.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  static Region map(FileChannel channel, long offset, int length) throws IOException {
    return new MappedRegion(channel.map(FileChannel.MapMode.READ_ONLY, offset, length));
  }

  @Override
  public ByteBuffer bytes() {
    return bytes;
  }

  @Override
  public void close() {
    if (mapped.capacity() > 0 && closed.compareAndSet(false, true)) {
      try {
        INVOKE_CLEANER.invokeExact((ByteBuffer) mapped);
      } catch (Throwable e) {
        throw new IllegalStateException("a mapped range could not be unmapped", e);
      }
    }
  }

  /**
   * {@code sun.misc.Unsafe.invokeCleaner} is the only way on Java 17 to unmap at a chosen moment;
   * it is exported by {@code jdk.unsupported}, but the compiler's {@code --release} hides it.
   */
  private static MethodHandle invokeCleaner() {
    try {
      Class<?> unsafe = Class.forName("sun.misc.Unsafe");
      var field = unsafe.getDeclaredField("theUnsafe");
      field.setAccessible(true);
      Object instance = field.get(null);
      return MethodHandles.lookup()
          .findVirtual(unsafe, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
          .bindTo(instance);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
