// SPDX-License-Identifier: Apache-2.0
/**
 * What a job's numbers are called in Spark's UI. Spark makes objects of these classes by name, also
 * long after the job. Knows names and how to add up, and nothing of what is measured.
 */
@NullMarked
package dev.lakestream.spark.metric;

import org.jspecify.annotations.NullMarked;
