// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.log;

import dev.lakestream.schema.StreamSchema;

/**
 * A version of the schema with the version of the log that it is in force from.
 *
 * @param version −1 for the first one, of {@code stream.json}
 */
public record RecordedSchema(long version, StreamSchema schema) {}
