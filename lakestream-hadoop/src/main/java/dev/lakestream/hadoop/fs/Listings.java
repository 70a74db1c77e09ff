// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import java.io.IOException;
import java.util.Collection;
import java.util.Iterator;
import java.util.function.Predicate;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.util.functional.RemoteIterators;

/** Iterators that may fail. */
final class Listings {
  private Listings() {}

  /** A step of a listing. */
  @FunctionalInterface
  interface Mapping<S, T> {
    T map(S source) throws IOException;
  }

  /** Some that are known, each made into what is listed when it is asked for. */
  static <S, T> RemoteIterator<T> of(Collection<S> sources, Mapping<S, T> mapping) {
    Iterator<S> iterator = sources.iterator();
    return new RemoteIterator<>() {
      @Override
      public boolean hasNext() {
        return iterator.hasNext();
      }

      @Override
      public T next() throws IOException {
        return mapping.map(iterator.next());
      }
    };
  }

  static <S, T> RemoteIterator<T> of(RemoteIterator<S> sources, Mapping<S, T> mapping) {
    return new RemoteIterator<>() {
      @Override
      public boolean hasNext() throws IOException {
        return sources.hasNext();
      }

      @Override
      public T next() throws IOException {
        return mapping.map(sources.next());
      }
    };
  }

  /** Those that are wanted. */
  static <T> RemoteIterator<T> matching(RemoteIterator<T> all, Predicate<T> wanted) {
    return RemoteIterators.filteringRemoteIterator(all, wanted::test);
  }

  /** The same, with errors as Hadoop's tools expect them. */
  static <T> RemoteIterator<T> failingAt(Path path, RemoteIterator<T> all) {
    return new RemoteIterator<>() {
      @Override
      public boolean hasNext() throws IOException {
        return Failures.of(path, all::hasNext);
      }

      @Override
      public T next() throws IOException {
        return Failures.of(path, all::next);
      }
    };
  }
}
