// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.procedure;

import dev.lakestream.spark.catalog.CatalogRoot;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.procedures.BoundProcedure;
import org.apache.spark.sql.connector.catalog.procedures.ProcedureParameter;
import org.apache.spark.sql.connector.catalog.procedures.UnboundProcedure;
import org.apache.spark.sql.connector.read.LocalScan;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Something that an operator does to the stream of a table, whose name is the first argument.
 *
 * @param parameterList the table first
 */
record StreamProcedure(
    CatalogRoot root,
    String name,
    String description,
    List<ProcedureParameter> parameterList,
    StructType result,
    Work work)
    implements UnboundProcedure, BoundProcedure {
  static final String TABLE = "table";

  /** What it does; gives rows as Spark holds them inside. */
  interface Work {
    List<InternalRow> run(LakeStream stream, Arguments arguments)
        throws IOException, InterruptedException;
  }

  @Override
  public BoundProcedure bind(StructType inputType) {
    return this;
  }

  @Override
  public ProcedureParameter[] parameters() {
    return parameterList.toArray(ProcedureParameter[]::new);
  }

  @Override
  public boolean isDeterministic() {
    return false;
  }

  @Override
  public Iterator<Scan> call(InternalRow input) {
    Arguments arguments = new Arguments(parameterList, input);
    Identifier table = table(arguments.text(TABLE));
    try (ObjectStore store = ObjectStores.open(root.uriOf(table), root.storeOptions(table))) {
      List<InternalRow> rows = work.run(LakeStream.open(store), arguments);
      return Collections.<Scan>singletonList(new Outcome(name, result, rows)).iterator();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " of " + table + " failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(name + " of " + table + " was interrupted", e);
    }
  }

  private Identifier table(String given) {
    return table(root, given);
  }

  /** A name with the catalog's before it or without, or a path. */
  static Identifier table(CatalogRoot root, String given) {
    List<String> parts =
        given.contains("/") && !given.contains("`")
            ? List.of(given) // a path needs no quotes here
            : CollectionConverters.asJava(new CatalystSqlParser().parseMultipartIdentifier(given));
    if (parts.size() > 1 && parts.get(0).equals(root.catalog())) {
      parts = parts.subList(1, parts.size());
    }
    int last = parts.size() - 1;
    return Identifier.of(parts.subList(0, last).toArray(String[]::new), parts.get(last));
  }

  private record Outcome(String name, StructType readSchema, List<InternalRow> all)
      implements LocalScan {
    @Override
    public InternalRow[] rows() {
      return all.toArray(InternalRow[]::new);
    }

    @Override
    public String description() {
      return "outcome of " + name;
    }
  }
}
