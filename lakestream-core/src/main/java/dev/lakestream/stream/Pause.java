// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.stream;

import java.time.Duration;

/** How somebody waits; injected, so that tests and the simulator wait in virtual time. */
@FunctionalInterface
public interface Pause {
  /** Returns after this time. */
  void forAbout(Duration time) throws InterruptedException;
}
