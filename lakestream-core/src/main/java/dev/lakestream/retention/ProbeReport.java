// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.retention;

/**
 * What a vacuum did to {@code probe/}, or would do.
 *
 * @param deletedObjects scratch objects that were old enough
 * @param otherObjects younger ones, and whatever else lies there, which is never touched
 */
public record ProbeReport(long deletedObjects, long otherObjects) {}
