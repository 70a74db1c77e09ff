// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.schema;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lakestream.format.JsonObject;
import dev.lakestream.format.Limits;
import dev.lakestream.format.SealedJson;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Schemas as JSON ({@code docs/format.md} §3.1). */
public final class SchemaJson {
  private static final int MAX_NAME = Limits.FIELD_NAME_LENGTH;
  private static final int MAX_TIMEZONE = 64;
  private static final int MAX_LABEL = 64;
  private static final Map<String, ColumnType.Simple> SIMPLE =
      Arrays.stream(ColumnType.Simple.values())
          .collect(Collectors.toMap(ColumnType.Simple::label, Function.identity()));

  private SchemaJson() {}

  /** Adds the members of this schema to an object. */
  public static void write(StreamSchema schema, ObjectNode json) {
    json.put("id", schema.id());
    writeFields(schema.fields(), json.putArray("fields"));
    ArrayNode sequence = json.putArray("sequence");
    schema.sequence().forEach(sequence::add);
    schema.boundaries().ifPresent(name -> json.put("boundaries", name));
  }

  /** Reads a schema; one that breaks the rules of a schema is malformed. */
  public static StreamSchema read(JsonObject json) {
    StreamSchema schema =
        new StreamSchema(
            json.integer("id", 0, Integer.MAX_VALUE),
            json.objects("fields", Limits.FIELDS, SchemaJson::readField),
            json.strings("sequence", Limits.FIELDS, MAX_NAME),
            json.optionalString("boundaries", MAX_NAME));
    schema
        .problem()
        .ifPresent(
            problem -> {
              throw json.corrupt("the schema is not allowed: " + problem);
            });
    return schema;
  }

  private static void writeFields(List<Field> fields, ArrayNode json) {
    fields.forEach(field -> json.add(writeField(field)));
  }

  private static ObjectNode writeField(Field field) {
    ObjectNode json = SealedJson.object();
    json.put("name", field.name());
    json.set("type", writeType(field.type()));
    json.put("nullable", field.nullable());
    return json;
  }

  private static ObjectNode writeType(ColumnType type) {
    ObjectNode json = SealedJson.object();
    if (type instanceof ColumnType.Simple simple) {
      json.put("name", simple.label());
    } else if (type instanceof ColumnType.FixedSizeBinary binary) {
      json.put("name", "fixed_size_binary").put("width", binary.bytes());
    } else if (type instanceof ColumnType.Decimal128 decimal) {
      json.put("name", "decimal128")
          .put("precision", decimal.precision())
          .put("scale", decimal.scale());
    } else if (type instanceof ColumnType.Timestamp timestamp) {
      json.put("name", "timestamp").put("unit", timestamp.unit().label());
      timestamp.timezone().ifPresent(zone -> json.put("timezone", zone));
    } else if (type instanceof ColumnType.Time32 time) {
      json.put("name", "time32").put("unit", time.unit().label());
    } else if (type instanceof ColumnType.Time64 time) {
      json.put("name", "time64").put("unit", time.unit().label());
    } else if (type instanceof ColumnType.Duration duration) {
      json.put("name", "duration").put("unit", duration.unit().label());
    } else if (type instanceof ColumnType.Interval interval) {
      json.put("name", "interval").put("unit", interval.unit().label());
    } else {
      writeNestedType(type, json);
    }
    return json;
  }

  private static void writeNestedType(ColumnType type, ObjectNode json) {
    if (type instanceof ColumnType.ListOf list) {
      json.put("name", "list").set("item", writeField(list.item()));
    } else if (type instanceof ColumnType.LargeListOf list) {
      json.put("name", "large_list").set("item", writeField(list.item()));
    } else if (type instanceof ColumnType.FixedSizeList list) {
      json.put("name", "fixed_size_list").put("size", list.size());
      json.set("item", writeField(list.item()));
    } else if (type instanceof ColumnType.Struct struct) {
      writeFields(struct.fields(), json.put("name", "struct").putArray("fields"));
    } else if (type instanceof ColumnType.MapOf map) {
      json.put("name", "map").set("key", writeField(map.key()));
      json.set("value", writeField(map.value()));
    } else {
      throw new IllegalStateException("a type without a form in the log: " + type);
    }
  }

  private static Field readField(JsonObject json) {
    return new Field(
        json.string("name", MAX_NAME), readType(json.object("type")), json.bool("nullable"));
  }

  private static ColumnType readType(JsonObject json) {
    String name = json.string("name", MAX_LABEL);
    ColumnType.Simple simple = SIMPLE.get(name);
    if (simple != null) {
      return simple;
    }
    return switch (name) {
      case "fixed_size_binary" ->
          new ColumnType.FixedSizeBinary(json.integer("width", 1, Integer.MAX_VALUE));
      case "decimal128" -> {
        int precision = json.integer("precision", 1, 38);
        yield new ColumnType.Decimal128(precision, json.integer("scale", 0, precision));
      }
      case "timestamp" ->
          new ColumnType.Timestamp(
              unit(json, ColumnType.Unit.values()), json.optionalString("timezone", MAX_TIMEZONE));
      case "time32" -> new ColumnType.Time32(unit(json, ColumnType.Unit.S, ColumnType.Unit.MS));
      case "time64" -> new ColumnType.Time64(unit(json, ColumnType.Unit.US, ColumnType.Unit.NS));
      case "duration" -> new ColumnType.Duration(unit(json, ColumnType.Unit.values()));
      case "interval" -> new ColumnType.Interval(intervalUnit(json));
      case "list" -> new ColumnType.ListOf(readField(json.object("item")));
      case "large_list" -> new ColumnType.LargeListOf(readField(json.object("item")));
      case "fixed_size_list" ->
          new ColumnType.FixedSizeList(
              readField(json.object("item")), json.integer("size", 1, Integer.MAX_VALUE));
      case "struct" ->
          new ColumnType.Struct(json.objects("fields", Limits.FIELDS, SchemaJson::readField));
      case "map" ->
          new ColumnType.MapOf(readField(json.object("key")), readField(json.object("value")));
      default -> throw json.corrupt("unknown column type '" + name + "'");
    };
  }

  private static ColumnType.Unit unit(JsonObject json, ColumnType.Unit... allowed) {
    String label = json.string("unit", MAX_LABEL);
    return Arrays.stream(allowed)
        .filter(unit -> unit.label().equals(label))
        .findFirst()
        .orElseThrow(() -> json.corrupt("unknown unit '" + label + "'"));
  }

  private static ColumnType.IntervalUnit intervalUnit(JsonObject json) {
    String label = json.string("unit", MAX_LABEL);
    return Arrays.stream(ColumnType.IntervalUnit.values())
        .filter(unit -> unit.label().equals(label))
        .findFirst()
        .orElseThrow(() -> json.corrupt("unknown unit '" + label + "'"));
  }
}
