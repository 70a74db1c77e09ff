// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.arrow.bundle;

import dev.lakestream.format.Digest;
import java.security.MessageDigest;
import java.util.List;

/**
 * The digests that name the content of slots and steps ({@code docs/format.md} §4.2). Where a cell
 * lies is no part of them, so they can be computed from several bundles.
 */
public final class StepDigest {
  private StepDigest() {}

  /** The digest of a step whose slots have these digests, in order. */
  public static Digest of(List<Digest> slotDigests) {
    MessageDigest sha = Digest.sha256();
    slotDigests.forEach(digest -> sha.update(digest.bytes()));
    return Digest.finish(sha);
  }

  /** The digest of a slot whose cells have these directory entries, piece by piece. */
  public static Digest ofSlot(List<byte[]> entries) {
    MessageDigest sha = Digest.sha256();
    entries.forEach(sha::update);
    return Digest.finish(sha);
  }
}
