// SPDX-License-Identifier: Apache-2.0
/**
 * S3 and what speaks its protocol as an {@link dev.lakestream.store.ObjectStore}. Promises what
 * that interface does; the AWS SDK stays in here. May import {@code store} and {@code error}, and
 * never knows what the bytes mean.
 */
@NullMarked
package dev.lakestream.store.s3;

import org.jspecify.annotations.NullMarked;
