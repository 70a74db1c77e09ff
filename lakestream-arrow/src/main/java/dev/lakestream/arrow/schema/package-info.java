// SPDX-License-Identifier: Apache-2.0
/**
 * The stream's column types as Arrow's and back ({@code docs/format.md} §3.1). Pure: knows no
 * vectors and no bytes.
 */
@NullMarked
package dev.lakestream.arrow.schema;

import org.jspecify.annotations.NullMarked;
