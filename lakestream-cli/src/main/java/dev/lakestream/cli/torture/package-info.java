// SPDX-License-Identifier: Apache-2.0
/**
 * {@code lakestream torture}: many producer and reader processes on one stream, killed, stopped and
 * doubled at random, and at the end every row is accounted for.
 *
 * <p>The judge trusts nothing of what it judges: which rows there must be follows from a formula,
 * what was delivered is what each reader wrote down, and what was acknowledged is what each
 * producer wrote down.
 */
@NullMarked
package dev.lakestream.cli.torture;

import org.jspecify.annotations.NullMarked;
