// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

/**
 * What every read of S3 needs, be it of a range or of a whole object: who asks and asks again, who
 * sees that an answer stalls, where objects are, and what becomes of errors. Thread-safe.
 */
record S3Reading(
    HedgedGets gets,
    StallWatch stalls,
    S3Location location,
    S3Options options,
    S3Errors errors,
    S3Environment environment) {}
