// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

/** What a pinner does about a trim that was announced and would take steps of its checkpoint. */
public enum OpenIntents {
  /** Cancels it: the checkpoint comes first, who wanted to trim tries again later. */
  CANCEL,
  /** Gives the checkpoint up. */
  RESPECT
}
