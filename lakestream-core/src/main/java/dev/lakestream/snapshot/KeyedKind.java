// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.snapshot;

/** What a tree of keyed segments holds, and what its segments are called in the format. */
public enum KeyedKind {
  PRODUCERS("producers", "producers-node"),
  KEYS("keys", "keys-node");

  private final String leaf;
  private final String node;

  KeyedKind(String leaf, String node) {
    this.leaf = leaf;
    this.node = node;
  }

  /** The kind of segments that hold producers or keys. */
  String leaf() {
    return leaf;
  }

  /** The kind of segments that hold refs. */
  String node() {
    return node;
  }
}
