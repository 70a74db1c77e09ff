// SPDX-License-Identifier: Apache-2.0
/** Jobs in real processes that die at chosen moments, and what is left then. */
package dev.lakestream.spark.proof;
