// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.testing;

import dev.lakestream.store.ObjectStore;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;

/**
 * Stands between a client and a store and knows which operation it is at, so that a test can let
 * something happen at each of them in turn: for all k. Not thread-safe.
 */
public final class SteppedStore {
  private static final Set<String> NO_OPERATIONS =
      Set.of("root", "close", "toString", "hashCode", "equals");

  private final ObjectStore delegate;
  private final ObjectStore client;
  private int operations;
  private int stop = Integer.MAX_VALUE;
  private Stop what = Stop.NOTHING;
  private Meanwhile meanwhile = () -> {};

  private enum Stop {
    NOTHING,
    DIES_BEFORE,
    DIES_AFTER,
    SLEEPS_BEFORE
  }

  /** What others do while a client sleeps. */
  @FunctionalInterface
  public interface Meanwhile {
    void run() throws Exception;
  }

  /** The client's process died: none of its operations reaches the store any more. */
  public static final class Died extends IOException {
    private static final long serialVersionUID = 1;
  }

  public SteppedStore(ObjectStore delegate) {
    this.delegate = delegate;
    this.client =
        (ObjectStore)
            Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(),
                new Class<?>[] {ObjectStore.class},
                (proxy, method, arguments) -> call(method, arguments));
  }

  /** What the client takes for the store. */
  public ObjectStore client() {
    return client;
  }

  /** Operations so far. */
  public int operations() {
    return operations;
  }

  /** The client dies before the operation of this number, the next one being 0. */
  public void dieBefore(int operation) {
    plan(operation, Stop.DIES_BEFORE, () -> {});
  }

  /** The client dies when the store has carried out that operation. */
  public void dieAfter(int operation) {
    plan(operation, Stop.DIES_AFTER, () -> {});
  }

  /** Before that operation the client sleeps, and something else happens. */
  public void sleepBefore(int operation, Meanwhile others) {
    plan(operation, Stop.SLEEPS_BEFORE, others);
  }

  private void plan(int operation, Stop kind, Meanwhile others) {
    stop = operations + operation;
    what = kind;
    meanwhile = others;
  }

  private Object call(Method method, Object[] arguments) throws Throwable {
    if (NO_OPERATIONS.contains(method.getName())) {
      return invoke(method, arguments);
    }
    int number = operations++;
    if (number == stop && what == Stop.SLEEPS_BEFORE) {
      meanwhile.run();
    }
    boolean dead = what == Stop.DIES_BEFORE || what == Stop.DIES_AFTER;
    if (dead && (number > stop || (number == stop && what == Stop.DIES_BEFORE))) {
      throw new Died();
    }
    Object answer = invoke(method, arguments);
    if (number == stop && what == Stop.DIES_AFTER) {
      throw new Died();
    }
    return answer;
  }

  private Object invoke(Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(delegate, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
