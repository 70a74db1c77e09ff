// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Row;

/**
 * A catalog for one test: a session never forgets a catalog, so each has a name of its own. In
 * statements it is called {@code lake}.
 */
final class Lake {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String name = "lake" + COUNT.incrementAndGet();
  private final Path root;

  private Lake(Path root) {
    this.root = root;
  }

  /** On the local store. */
  static Lake at(Path root) {
    return at(root, new Places.Place(root.toString(), Map.of()));
  }

  /** On any store; it has no paths. */
  static Lake at(Places.Place place) {
    return at(Path.of("nowhere"), place);
  }

  private static Lake at(Path root, Places.Place place) {
    Lake lake = new Lake(root);
    lake.set("", LakestreamCatalog.class.getName());
    lake.set(".root", place.uri());
    place.options().forEach((option, value) -> lake.set("." + option, value));
    return lake;
  }

  /** Sets something for the catalog; later than its first use it has no effect. */
  void set(String setting, String value) {
    Sparks.session().conf().set("spark.sql.catalog." + name + setting, value);
  }

  /** The rows that a statement returns, as text. */
  List<String> sql(String statement) {
    return rows(statement).stream().map(Row::toString).toList();
  }

  List<Row> rows(String statement) {
    return Sparks.session().sql(named(statement)).collectAsList();
  }

  /** The same text with the catalog's own name. */
  String named(String statement) {
    return statement.replaceAll("\\blake\\b", name);
  }

  Path path(String below) {
    return root.resolve(below);
  }
}
