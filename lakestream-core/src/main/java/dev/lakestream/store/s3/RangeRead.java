// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.error.CorruptObjectException;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectNotFoundException;
import dev.lakestream.store.OffHeapMemory;
import dev.lakestream.store.Region;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * One read of a range, in parallel parts that go on where their connection broke.
 *
 * <p>Must: never free the memory, nor hand it out, while a part may still write to it.
 */
final class RangeRead {
  /** Memory for so much is taken before the store has said that the object is that large. */
  private static final int TRUSTED_LENGTH = 64 << 20;

  private static final long FIRST_PAUSE_MILLIS = 20;
  private static final long LONGEST_PAUSE_MILLIS = 2_000;

  private final RangeReader reader;
  private final S3Reading reading;
  private final ObjectKey key;
  private final long offset;
  private final int length;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final List<Part> parts = new ArrayList<>();
  private Optional<OffHeapMemory> memory = Optional.empty();

  RangeRead(RangeReader reader, ObjectKey key, long offset, int length) {
    this.reader = reader;
    this.reading = reader.reading();
    this.key = key;
    this.offset = offset;
    this.length = length;
    long partLength = reading.options().rangeSize();
    for (long begin = 0; begin < length; begin += partLength) {
      parts.add(new Part((int) begin, (int) Math.min(length, begin + partLength)));
    }
  }

  /** Reads; the caller closes what it gets. */
  Region run() throws IOException {
    CountDownLatch running = new CountDownLatch(parts.size());
    boolean complete = false;
    try {
      if (length > TRUSTED_LENGTH) {
        parts.get(0).openEarly();
      }
      start(parts.subList(1, parts.size()), running);
      parts.get(0).run(running);
      awaitAll(running);
      rethrow();
      complete = true;
      return memory();
    } finally {
      if (!complete) {
        fail(new CancellationException());
        memory.ifPresent(OffHeapMemory::close);
      }
    }
  }

  private void start(List<Part> others, CountDownLatch running) {
    int started = 0;
    try {
      for (Part part : others) {
        reader.executor().execute(() -> part.run(running));
        started++;
      }
    } catch (RejectedExecutionException e) {
      fail(new IOException("reading " + key + " failed: the store is closed", e));
      for (int i = started; i < others.size(); i++) {
        running.countDown();
      }
    }
  }

  /** Waits until nobody writes any more, even if interrupted. */
  private void awaitAll(CountDownLatch running) {
    boolean interrupted = false;
    while (true) {
      try {
        running.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        fail(new InterruptedIOException("interrupted while reading " + key));
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void rethrow() throws IOException {
    Throwable thrown = failure.get();
    if (thrown instanceof IOException e) {
      throw e;
    }
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown != null) {
      throw new IOException("reading " + key + " failed", thrown);
    }
  }

  /** The first failure ends all parts. */
  private void fail(Throwable cause) {
    if (failure.compareAndSet(null, cause)) {
      parts.forEach(Part::giveUp);
    }
  }

  private synchronized OffHeapMemory memory() throws IOException {
    if (memory.isEmpty()) {
      memory = Optional.of(reader.memory().take(length));
    }
    return memory.get();
  }

  private CorruptObjectException endsBefore(long size) {
    return new CorruptObjectException(
        key.value(),
        "bytes "
            + offset
            + " to "
            + (offset + length)
            + " are wanted, it has "
            + (size < 0 ? "fewer" : Long.toString(size)));
  }

  /** One request, or more if its answer breaks off. */
  private final class Part {
    private final int end;
    private int at;
    private volatile HedgedGets.@Nullable Answer awaited;
    private volatile @Nullable ResponseInputStream<GetObjectResponse> body;

    Part(int begin, int end) {
      this.at = begin;
      this.end = end;
    }

    void run(CountDownLatch running) {
      try {
        fetch();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        fail(new InterruptedIOException("interrupted while reading " + key));
      } catch (Throwable e) {
        fail(e);
      } finally {
        running.countDown();
      }
    }

    private void fetch() throws IOException, InterruptedException {
      int failures = 0;
      while (at < end) {
        int before = at;
        try {
          ResponseInputStream<GetObjectResponse> opened = body;
          drain(opened == null ? open() : opened);
        } catch (BrokenAnswerException e) {
          // What came is kept, and an attempt that brought something does not count as failed.
          failures = at > before ? 1 : failures + 1;
          if (failures >= reading.options().attempts()) {
            throw new IOException(
                "reading " + key + " broke off " + failures + " times: " + e.getMessage(), e);
          }
          if (failure.get() != null) {
            return;
          }
          reading
              .environment()
              .pause()
              .millis(Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << failures));
        }
      }
    }

    /** As {@link #open}; what is broken will be asked for again. */
    void openEarly() throws IOException {
      try {
        open();
      } catch (BrokenAnswerException e) {
        // As if it had not been tried.
      }
    }

    /** Sends the request for what is missing, and checks the head of its answer. */
    private ResponseInputStream<GetObjectResponse> open() throws IOException {
      long first = offset + at;
      long last = offset + end - 1;
      HedgedGets.Answer answer = new HedgedGets.Answer();
      awaited = answer;
      ResponseInputStream<GetObjectResponse> opened;
      try {
        if (failure.get() != null) {
          throw new CancellationException();
        }
        opened = reading.gets().await(request(first, last), answer);
      } catch (ExecutionException e) {
        throw translated(e.getCause() == null ? e : e.getCause());
      } catch (InterruptedException e) {
        answer.completeExceptionally(e);
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while reading " + key);
      }
      boolean good = false;
      try {
        check(opened.response(), first, last);
        body = opened;
        good = true;
      } finally {
        if (!good) {
          opened.abort();
        }
      }
      return opened;
    }

    private GetObjectRequest request(long first, long last) {
      return GetObjectRequest.builder()
          .bucket(reading.location().bucket())
          .key(reading.location().name(key))
          .range("bytes=" + first + "-" + last)
          .build();
    }

    private void check(GetObjectResponse head, long first, long last) throws IOException {
      Optional<ContentRange> range = ContentRange.parse(head.contentRange());
      if (range.isEmpty()) {
        boolean whole = first == 0 && Long.valueOf(last + 1).equals(head.contentLength());
        if (!whole) {
          throw new BrokenAnswerException("the server does not say which range it sends");
        }
        return;
      }
      if (range.get().size() < offset + length) {
        throw endsBefore(range.get().size());
      }
      if (range.get().first() != first
          || range.get().last() != last
          || head.contentLength() == null
          || head.contentLength() != last - first + 1) {
        throw new BrokenAnswerException(
            "bytes "
                + first
                + " to "
                + last
                + " were asked for, the answer is "
                + head.contentRange()
                + " with "
                + head.contentLength()
                + " bytes");
      }
    }

    private void drain(ResponseInputStream<GetObjectResponse> from) throws IOException {
      ByteBuffer target = memory().bytes().duplicate();
      byte[] scratch = reader.takeScratch();
      boolean whole = false;
      try (StallWatch.Body watched = reading.stalls().watch(from::abort)) {
        while (at < end) {
          int read = from.read(scratch, 0, Math.min(scratch.length, end - at));
          if (failure.get() != null) {
            throw new CancellationException();
          }
          if (read < 0) {
            throw new BrokenAnswerException("the body ended " + (end - at) + " bytes early");
          }
          target.put(at, scratch, 0, read);
          at += read;
          watched.cameOn();
        }
        from.close();
        whole = true;
      } catch (BrokenAnswerException e) {
        throw e;
      } catch (IOException | SdkException e) {
        throw new BrokenAnswerException("the body broke off (" + e.getMessage() + ")", e);
      } finally {
        body = null;
        reader.returnScratch(scratch);
        if (!whole) {
          from.abort();
        }
      }
    }

    /** From another thread: what is waited for will not come. */
    void giveUp() {
      HedgedGets.Answer answer = awaited;
      if (answer != null) {
        answer.completeExceptionally(new CancellationException());
      }
      ResponseInputStream<GetObjectResponse> reading = body;
      if (reading != null) {
        reading.abort();
      }
    }
  }

  private IOException translated(Throwable cause) {
    if (cause instanceof S3Exception e && e.statusCode() == 404 && !S3Errors.isNoSuchBucket(e)) {
      return new ObjectNotFoundException(key, reading.location());
    }
    if (cause instanceof S3Exception e && e.statusCode() == 416) {
      throw endsBefore(-1);
    }
    if (cause instanceof SdkException e) {
      return reading.errors().of("read of " + key, e);
    }
    if (cause instanceof CancellationException e) {
      throw e;
    }
    return new IOException("reading " + key + " failed: " + cause, cause);
  }
}
