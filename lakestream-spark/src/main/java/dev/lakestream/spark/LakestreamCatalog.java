// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.error.StreamExistsException;
import dev.lakestream.error.StreamNotFoundException;
import dev.lakestream.spark.catalog.CatalogRoot;
import dev.lakestream.spark.catalog.CreationOptions;
import dev.lakestream.spark.catalog.StreamFolders;
import dev.lakestream.spark.catalog.StreamRemoval;
import dev.lakestream.spark.catalog.StreamTables;
import dev.lakestream.spark.catalog.TableProperties;
import dev.lakestream.spark.options.ReadOptions;
import dev.lakestream.spark.options.ReadSubject;
import dev.lakestream.spark.options.TableOptions;
import dev.lakestream.spark.options.WriteOptions;
import dev.lakestream.spark.procedure.Procedures;
import dev.lakestream.spark.write.NewStream;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import dev.lakestream.stream.LakeStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.NonEmptyNamespaceException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.NamespaceChange;
import org.apache.spark.sql.connector.catalog.ProcedureCatalog;
import org.apache.spark.sql.connector.catalog.SupportsNamespaces;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.catalog.TableInfo;
import org.apache.spark.sql.connector.catalog.procedures.UnboundProcedure;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * Streams below a root as tables: {@code spark.sql.catalog.lake =
 * dev.lakestream.spark.LakestreamCatalog}, {@code spark.sql.catalog.lake.root = /lake}. Folders are
 * namespaces. Nothing is registered anywhere: a stream is a table because it is there.
 */
public final class LakestreamCatalog implements TableCatalog, SupportsNamespaces, ProcedureCatalog {
  private CatalogRoot root = CatalogRoot.of("lakestream", Map.of());

  @Override
  public void initialize(String name, CaseInsensitiveStringMap options) {
    root = CatalogRoot.of(name, options.asCaseSensitiveMap());
  }

  @Override
  public String name() {
    return root.catalog();
  }

  @Override
  public Identifier[] listTables(String[] namespace) throws NoSuchNamespaceException {
    requireNamespace(namespace);
    return with(folders -> folders.streams(CatalogRoot.folder(namespace))).stream()
        .map(stream -> Identifier.of(namespace, stream))
        .toArray(Identifier[]::new);
  }

  @Override
  public Table loadTable(Identifier table) throws NoSuchTableException {
    return load(table, Map.of());
  }

  @Override
  public Table loadTable(Identifier table, String version) throws NoSuchTableException {
    return load(table, Map.of(ReadOptions.VERSION_AS_OF, version));
  }

  @Override
  public Table loadTable(Identifier table, long timestamp) throws NoSuchTableException {
    return load(
        table, Map.of(ReadOptions.TIMESTAMP_AS_OF, TimeTravel.instant(timestamp).toString()));
  }

  private Table load(Identifier table, Map<String, String> asOf) throws NoSuchTableException {
    try {
      return StreamTable.ofCatalog(name(table), root.address(table), root.defaults(), asOf);
    } catch (StreamNotFoundException e) {
      Optional<ReadSubject> about = logTable(table);
      if (about.isPresent()) {
        try {
          return StreamTable.ofLog(name(table), root.address(owner(table)), about.get(), asOf);
        } catch (StreamNotFoundException none) {
          e.addSuppressed(none);
        }
      }
      throw new NoSuchTableException(table);
    }
  }

  private String name(Identifier table) {
    return name() + "." + table;
  }

  /** {@code lake.ns.corpus.steps} is about the stream {@code lake.ns.corpus}. */
  private static Optional<ReadSubject> logTable(Identifier table) {
    return table.namespace().length == 0
        ? Optional.empty()
        : Arrays.stream(ReadSubject.values())
            .filter(about -> about != ReadSubject.ROWS)
            .filter(about -> about.name().toLowerCase(Locale.ROOT).equals(table.name()))
            .findFirst();
  }

  private static Identifier owner(Identifier logTable) {
    String[] namespace = logTable.namespace();
    int last = namespace.length - 1;
    return Identifier.of(Arrays.copyOf(namespace, last), namespace[last]);
  }

  @Override
  public Table createTable(Identifier table, TableInfo wanted) throws TableAlreadyExistsException {
    Map<String, String> properties = wanted.properties();
    if (wanted.partitions().length > 0) {
      throw new InvalidRequestException(
          "a stream has no partition columns: its steps are its partitions; leave out PARTITIONED"
              + " BY");
    }
    refuseOtherPlaces(properties);
    CreationOptions creation = CreationOptions.of(TableOptions.ofProperties(properties).all());
    Map<String, String> address = root.address(table);
    WriteOptions options = creation.checked(address);
    CreationOptions.checkKept(address, creation.kept());
    Map<String, String> kept = new HashMap<>(creation.kept());
    Optional.ofNullable(properties.get(TableCatalog.PROP_COMMENT))
        .ifPresent(text -> kept.put("comment", text));
    try (ObjectStore store = options.address().open()) {
      LakeStream stream = NewStream.create(store, options, wanted.schema());
      if (!kept.isEmpty()) {
        TableProperties.replace(stream, kept);
      }
    } catch (StreamExistsException e) {
      throw new TableAlreadyExistsException(table);
    } catch (IOException e) {
      throw new UncheckedIOException("the stream " + name(table) + " can't be created", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    return StreamTable.ofCatalog(name(table), address, root.defaults(), Map.of());
  }

  private static void refuseOtherPlaces(Map<String, String> properties) {
    String provider = properties.getOrDefault(PROP_PROVIDER, "lakestream");
    if (!provider.equalsIgnoreCase("lakestream")) {
      throw new InvalidRequestException(
          "this catalog has streams only: say USING lakestream, or leave it out, not USING "
              + provider);
    }
    if (properties.containsKey(TableCatalog.PROP_LOCATION)) {
      throw new InvalidRequestException(
          "a table of this catalog is where its name says, below the catalog's root: leave out"
              + " LOCATION");
    }
  }

  @Override
  public Table alterTable(Identifier table, TableChange... changes) throws NoSuchTableException {
    Map<String, String> address = root.address(table);
    change(
        table,
        stream ->
            StreamTables.alter(
                stream,
                List.of(changes),
                properties -> CreationOptions.checkKept(address, properties)));
    return loadTable(table);
  }

  /** Removes a stream that has no steps: what a creation leaves that fails half-way. */
  @Override
  public boolean dropTable(Identifier table) {
    return drop(table, StreamRemoval::ofEmpty);
  }

  @Override
  public boolean purgeTable(Identifier table) {
    return drop(table, StreamRemoval::withAll);
  }

  private boolean drop(Identifier table, Change removal) {
    try {
      change(table, removal);
      return true;
    } catch (NoSuchTableException e) {
      return false;
    }
  }

  @Override
  public void renameTable(Identifier from, Identifier to) {
    throw new InvalidRequestException(
        "a stream can't be renamed: it is what its folder holds, and readers and checkpoints know"
            + " it by its URI");
  }

  @Override
  public String[][] listNamespaces() {
    return namespaces(new String[0]);
  }

  @Override
  public String[][] listNamespaces(String[] namespace) throws NoSuchNamespaceException {
    requireNamespace(namespace);
    return namespaces(namespace);
  }

  private String[][] namespaces(String[] above) {
    return with(folders -> folders.namespaces(CatalogRoot.folder(above))).stream()
        .map(
            name -> {
              String[] names = Arrays.copyOf(above, above.length + 1);
              names[above.length] = name;
              return names;
            })
        .toArray(String[][]::new);
  }

  @Override
  public Map<String, String> loadNamespaceMetadata(String[] namespace)
      throws NoSuchNamespaceException {
    requireNamespace(namespace);
    return Map.of();
  }

  @Override
  public void createNamespace(String[] namespace, Map<String, String> metadata) {
    with(
        folders -> {
          folders.createNamespace(CatalogRoot.folder(namespace).orElseThrow());
          return true;
        });
  }

  @Override
  public void alterNamespace(String[] namespace, NamespaceChange... changes) {
    throw new InvalidRequestException("a namespace is a folder: it has no properties");
  }

  @Override
  public boolean dropNamespace(String[] namespace, boolean cascade)
      throws NoSuchNamespaceException, NonEmptyNamespaceException {
    requireNamespace(namespace);
    if (!with(folders -> folders.dropNamespace(CatalogRoot.folder(namespace).orElseThrow()))) {
      throw new NonEmptyNamespaceException(namespace);
    }
    return true;
  }

  @Override
  public UnboundProcedure loadProcedure(Identifier procedure) {
    return Procedures.find(procedure, root)
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    "there is no procedure "
                        + name(procedure)
                        + "; there are "
                        + Procedures.names(name())));
  }

  @Override
  public Identifier[] listProcedures(String[] namespace) {
    return Procedures.in(namespace);
  }

  private void requireNamespace(String[] namespace) throws NoSuchNamespaceException {
    if (!with(folders -> folders.isNamespace(CatalogRoot.folder(namespace)))) {
      throw new NoSuchNamespaceException(namespace);
    }
  }

  /** Something that is done to a stream. */
  private interface Change {
    void make(LakeStream stream) throws IOException, InterruptedException;
  }

  private void change(Identifier table, Change change) throws NoSuchTableException {
    try (ObjectStore store = ObjectStores.open(root.uriOf(table), root.storeOptions(table))) {
      change.make(LakeStream.open(store));
    } catch (StreamNotFoundException e) {
      throw new NoSuchTableException(table);
    } catch (IOException e) {
      throw new UncheckedIOException("the stream " + name(table) + " can't be changed", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Something that is asked of the folders. */
  private interface Question<T> {
    T ask(StreamFolders folders) throws IOException;
  }

  private <T> T with(Question<T> question) {
    try (ObjectStore store = root.open()) {
      return question.ask(new StreamFolders(store));
    } catch (IOException e) {
      throw new UncheckedIOException("the root of catalog " + name() + " can't be read", e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted", cause);
  }
}
