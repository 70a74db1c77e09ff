// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Memory outside of the Java heap that is freed when it is closed, rather than when the collector
 * finds it. It begins at a multiple of 64.
 */
public final class OffHeapMemory implements Region {
  private static final int ALIGNMENT = 64;
  private static final MethodHandle INVOKE_CLEANER = invokeCleaner();

  private final ByteBuffer whole;
  private final ByteBuffer bytes;
  private final Consumer<ByteBuffer> release;
  private final AtomicBoolean closed = new AtomicBoolean();

  OffHeapMemory(ByteBuffer whole, int length, Consumer<ByteBuffer> release) {
    this.whole = whole;
    this.bytes = whole.alignedSlice(ALIGNMENT).slice(0, length).order(ByteOrder.LITTLE_ENDIAN);
    this.release = release;
  }

  /**
   * Takes memory, which holds zeros.
   *
   * @throws IOException if the JVM may not have that much
   */
  public static OffHeapMemory allocate(int length) throws IOException {
    return new OffHeapMemory(direct(length), length, OffHeapMemory::free);
  }

  /** How much is needed so that the length fits in behind a multiple of the alignment. */
  static long padded(int length) {
    return length + 2L * ALIGNMENT;
  }

  static ByteBuffer direct(int length) throws IOException {
    try {
      return ByteBuffer.allocateDirect(Math.toIntExact(padded(length)));
    } catch (ArithmeticException | OutOfMemoryError e) {
      throw new IOException(
          "no "
              + length
              + " bytes outside of the heap: read less ahead, or raise -XX:MaxDirectMemorySize ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  @Override
  public ByteBuffer bytes() {
    return bytes;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release.accept(whole);
    }
  }

  /** Frees or unmaps what a buffer has; nobody may use it afterwards. */
  static void free(ByteBuffer direct) {
    try {
      INVOKE_CLEANER.invokeExact(direct);
    } catch (Throwable e) {
      throw new IllegalStateException("memory outside of the heap could not be freed", e);
    }
  }

  /**
   * {@code sun.misc.Unsafe.invokeCleaner} is the only way on Java 17 to free at a chosen moment; it
   * is exported by {@code jdk.unsupported}, but the compiler's {@code --release} hides it.
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
