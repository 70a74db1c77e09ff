// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

/** A bundle that a producer keeps for its next commit: left-over rows, say. */
public record Attachment(String name, BundleDescriptor bundle) {}
