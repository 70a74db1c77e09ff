// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.simulator.world;

/**
 * The end of a process at the point where it stands. An {@link Error}, so that no code of the
 * protocol takes it for a failure that it could handle.
 */
public final class Crash extends Error {
  private static final long serialVersionUID = 1L;

  Crash(String process) {
    super(process + " crashed", null, false, false);
  }
}
