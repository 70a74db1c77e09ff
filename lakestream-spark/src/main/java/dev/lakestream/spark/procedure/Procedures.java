// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.procedure;

import dev.lakestream.spark.catalog.CatalogRoot;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.procedures.UnboundProcedure;

/** All procedures, in the namespace {@code system}. */
public final class Procedures {
  private static final String NAMESPACE = "system";

  private Procedures() {}

  /** One by its name; its tables are those of the catalog. */
  public static Optional<UnboundProcedure> find(Identifier procedure, CatalogRoot root) {
    return List.of(procedure.namespace()).equals(List.of(NAMESPACE))
        ? all(root).filter(each -> each.name().equals(procedure.name())).findFirst().map(p -> p)
        : Optional.empty();
  }

  /** Those of a namespace. */
  public static Identifier[] in(String[] namespace) {
    return List.of(namespace).equals(List.of(NAMESPACE))
        ? all(CatalogRoot.of("", Map.of()))
            .map(each -> Identifier.of(namespace, each.name()))
            .toArray(Identifier[]::new)
        : new Identifier[0];
  }

  /** Their full names. */
  public static List<String> names(String catalog) {
    return all(CatalogRoot.of(catalog, Map.of()))
        .map(each -> catalog + "." + NAMESPACE + "." + each.name())
        .toList();
  }

  private static Stream<StreamProcedure> all(CatalogRoot root) {
    return Stream.of(
        ControlProcedures.skip(root),
        ControlProcedures.seal(root),
        ControlProcedures.fork(root),
        RowProcedures.repeat(root),
        RowProcedures.flush(root),
        RetentionProcedures.pin(root),
        RetentionProcedures.unpin(root),
        RetentionProcedures.trim(root),
        RetentionProcedures.vacuum(root));
  }
}
