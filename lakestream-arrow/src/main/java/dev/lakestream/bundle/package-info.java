// SPDX-License-Identifier: Apache-2.0

/**
 * Bundles and cells: the writer of Arrow files whose byte ranges are the shares of ranks, and the
 * zero-copy reader for trainers. It knows nothing of commits.
 */
@NullMarked
package dev.lakestream.bundle;

import org.jspecify.annotations.NullMarked;
