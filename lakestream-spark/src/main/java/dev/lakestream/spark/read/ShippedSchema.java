// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import dev.lakestream.schema.Field;
import dev.lakestream.schema.StreamSchema;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * A schema on its way to the executors.
 *
 * @param boundaries empty if there is no such column
 */
record ShippedSchema(int id, List<Field> fields, List<String> sequence, String boundaries)
    implements Serializable {
  static List<ShippedSchema> of(List<StreamSchema> schemas) {
    return schemas.stream()
        .map(
            schema ->
                new ShippedSchema(
                    schema.id(),
                    schema.fields(),
                    schema.sequence(),
                    schema.boundaries().orElse("")))
        .toList();
  }

  StreamSchema unpacked() {
    return new StreamSchema(
        id, fields, sequence, Optional.of(boundaries).filter(name -> !name.isEmpty()));
  }
}
