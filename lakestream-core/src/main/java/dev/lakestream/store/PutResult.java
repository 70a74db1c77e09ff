// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store;

/**
 * The two certain outcomes of a put-if-absent; an uncertain one is {@link OutcomeUnknownException}.
 */
public enum PutResult {
  /** This call created the object; it is durable. */
  CREATED,
  /** An object of this key was there already, perhaps by an earlier attempt of the same caller. */
  EXISTS
}
