// SPDX-License-Identifier: Apache-2.0
/**
 * The writing side of the protocol: a session of one producer, fenced by its epoch, that commits
 * steps exactly once. Knows the log and the store; does not know what is in a bundle.
 */
@NullMarked
package dev.lakestream.producer;

import org.jspecify.annotations.NullMarked;
