// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.wire;

/** What can go wrong on the wire. */
public enum WireFault {
  /** The server acts, and the connection breaks before its answer. */
  LOST_RESPONSE,
  /** The connection is reset before the server gets the request. */
  RESET,
  /** The connection is reset, and the server gets the request some time later. */
  LATE_REQUEST,
  /** The head of the answer and half of its body arrive, then the connection breaks. */
  HALF_BODY,
  /** The answer says that it is shorter than it is, and that is all that comes. */
  WRONG_LENGTH,
  /** The head of the answer and half of its body arrive, and then nothing, for ever. */
  STALL,
  /** The server does not act and says 500. */
  ERROR_500,
  /** The server acts and says 500. */
  ACTED_500,
  /** The server does not act and says 503 SlowDown. */
  SLOW_DOWN,
  /** The server does not act and says 409, as S3 does when puts of one key collide. */
  CONFLICT,
  /** The request waits on its way. */
  DELAY
}
