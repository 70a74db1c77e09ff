// SPDX-License-Identifier: Apache-2.0
/**
 * What was in a step, and what differs between steps: {@code show}, {@code explain}, {@code diff}.
 * Only reads. What is found is made into JSON first; the text for people is made of that JSON, so
 * that both say the same.
 */
@NullMarked
package dev.lakestream.cli.explain;

import org.jspecify.annotations.NullMarked;
