// SPDX-License-Identifier: Apache-2.0
/**
 * What all objects of a stream share: sealed JSON, digests, names and limits ({@code
 * docs/format.md} §1). Knows bytes and JSON, but no object in particular; may import {@code error}
 * and {@code store}.
 */
@NullMarked
package dev.lakestream.format;

import org.jspecify.annotations.NullMarked;
