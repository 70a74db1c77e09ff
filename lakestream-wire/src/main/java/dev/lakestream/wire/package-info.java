// SPDX-License-Identifier: Apache-2.0
/**
 * What goes wrong between a client and a server that speaks HTTP, such as S3: a proxy that breaks
 * connections, loses answers and makes up others, as planned or as a seed says. Knows nothing of S3
 * but the XML of its errors.
 */
@NullMarked
package dev.lakestream.wire;

import org.jspecify.annotations.NullMarked;
