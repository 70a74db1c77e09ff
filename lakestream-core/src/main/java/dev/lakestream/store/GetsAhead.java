// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * {@link ObjectStore#getWhilePresent} for stores whose requests wait for a network: asks for as
 * many more at once as were found so far, up to 32. So n objects take a chain of about log2(n)
 * requests, and no more requests than 2 n + 1 are sent. Thread-safe.
 */
public final class GetsAhead {
  /** Bounds the memory as well: each may have as many bytes as its limit allows. */
  private static final int AT_ONCE = 32;

  private final Get get;
  private final ExecutorService executor;

  /** {@link ObjectStore#get} of the store. */
  @FunctionalInterface
  public interface Get {
    /** Reads one object whole. */
    byte[] get(ObjectKey key, int limit) throws IOException;
  }

  /**
   * @param executor must not be one whose threads call this, unless it is unbounded
   */
  public GetsAhead(Get get, ExecutorService executor) {
    this.get = get;
    this.executor = executor;
  }

  /** {@link ObjectStore#getWhilePresent}. */
  public List<byte[]> whilePresent(Stream<ObjectKey> keys, int limit) throws IOException {
    List<byte[]> found = new ArrayList<>();
    Iterator<ObjectKey> wanted = keys.iterator();
    while (wanted.hasNext()) {
      if (!together(wanted, atOnce(found.size()), limit, found)) {
        break;
      }
    }
    return found;
  }

  /** How many are asked for at once when so many were found. */
  public static int atOnce(long found) {
    return (int) Math.max(1, Math.min(found, AT_ONCE));
  }

  /** The same for stores that answer at once, or that must be asked in order. */
  public static List<byte[]> oneByOne(Get get, Stream<ObjectKey> keys, int limit)
      throws IOException {
    List<byte[]> found = new ArrayList<>();
    Iterator<ObjectKey> wanted = keys.iterator();
    try {
      while (wanted.hasNext()) {
        found.add(get.get(wanted.next(), limit));
      }
      return found;
    } catch (ObjectNotFoundException e) {
      return found;
    }
  }

  /** Adds what is there before the first that is missing; whether none was. */
  private boolean together(Iterator<ObjectKey> keys, int wanted, int limit, List<byte[]> found)
      throws IOException {
    ObjectKey first = keys.next();
    List<Future<byte[]>> others = new ArrayList<>();
    while (others.size() < wanted - 1 && keys.hasNext()) {
      ObjectKey key = keys.next();
      Callable<byte[]> request = () -> get.get(key, limit);
      others.add(executor.submit(request));
    }
    try {
      found.add(get.get(first, limit));
      for (Future<byte[]> other : others) {
        found.add(answer(other));
      }
      return true;
    } catch (ObjectNotFoundException e) {
      return false;
    } finally {
      // Not interrupted: that would cost the client a connection.
      others.forEach(other -> other.cancel(false));
    }
  }

  private static byte[] answer(Future<byte[]> request) throws IOException {
    try {
      return request.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while small objects were read");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IOException("a small object could not be read: " + e.getCause(), e);
    }
  }
}
