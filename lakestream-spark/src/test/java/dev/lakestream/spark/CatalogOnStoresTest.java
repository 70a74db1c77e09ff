// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.spark.Places.Kind;
import dev.lakestream.spark.Places.Place;
import dev.lakestream.store.ObjectInfo;
import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.ObjectStore;
import dev.lakestream.store.ObjectStores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams as tables of a catalog, in SQL, where folders are not the machine's own. */
@ParameterizedClass
@EnumSource(
    value = Kind.class,
    names = {"S3", "HDFS"})
class CatalogOnStoresTest {
  @RegisterExtension static final Places PLACES = new Places();

  @Parameter private Kind kind;
  @TempDir private Path folder;
  private Place place;
  private Lake lake;

  @BeforeEach
  void open() {
    place = PLACES.fresh(kind, folder);
    lake = Lake.at(place);
  }

  private void create(String table) {
    lake.sql(
        "CREATE TABLE "
            + table
            + " (id BIGINT, tokens ARRAY<INT>) TBLPROPERTIES (slots=2, globalBatchSize=4,"
            + " 'fixedLength.tokens'=8, sequence='tokens')");
  }

  private void insert(String table, int rows) {
    lake.sql(
        "INSERT INTO "
            + table
            + " SELECT id, array_repeat(7, 8) FROM range(0, "
            + rows
            + ", 1, 2)");
  }

  @Test
  void tablesAreCreatedWrittenAndRead() {
    create("lake.web.corpus");
    assertThatThrownBy(() -> create("lake.web.corpus")).hasMessageContaining("already exists");
    insert("lake.web.corpus", 8);
    long version = (Long) lake.rows("SELECT max(_version) FROM lake.web.corpus").get(0).get(0);
    insert("lake.web.corpus", 5);
    String count = "SELECT count(*), max(_step), sum(tokens[7]) FROM lake.web.corpus";
    assertThat(lake.sql(count)).containsExactly("[13,3,91]");
    assertThat(lake.sql(count + " VERSION AS OF " + version)).containsExactly("[8,1,56]");
    assertThat(lake.sql(count + " TIMESTAMP AS OF '2999-01-01'")).containsExactly("[13,3,91]");
    lake.sql("ALTER TABLE lake.web.corpus ADD COLUMN score FLOAT");
    assertThat(lake.sql("SELECT DISTINCT score FROM lake.web.corpus")).containsExactly("[null]");
    assertThat(lake.sql("SELECT sum(rows) FROM lake.web.corpus.steps")).containsExactly("[13]");
    lake.sql(
        "CREATE TABLE lake.copy TBLPROPERTIES (slots=2, globalBatchSize=4)"
            + " AS SELECT id FROM lake.web.corpus");
    assertThat(lake.sql("SELECT count(*), max(id) FROM lake.copy")).containsExactly("[13,7]");
  }

  @Test
  void tablesAreFoundByTheirNamesAndPaths() {
    create("lake.web.corpus");
    create("lake.top");
    insert("lake.web.corpus", 4);
    lake.sql("CREATE NAMESPACE lake.empty");
    assertThat(lake.sql("SHOW NAMESPACES IN lake")).containsExactly("[empty]", "[web]");
    assertThat(lake.sql("SHOW TABLES IN lake")).containsExactly("[,top,false]");
    assertThat(lake.sql("SHOW TABLES IN lake.web")).containsExactly("[web,corpus,false]");
    assertThat(lake.sql("SHOW TABLES IN lake.empty")).isEmpty();
    assertThatThrownBy(() -> lake.sql("SHOW TABLES IN lake.none")).hasMessageContaining("none");
    assertThatThrownBy(() -> lake.sql("SELECT * FROM lake.web.none"))
        .hasMessageContaining("cannot be found");
    assertThat(lake.sql("SELECT count(*) FROM lake.`" + place.uri() + "/web/corpus`"))
        .containsExactly("[4]");
    lake.sql("DROP NAMESPACE lake.empty");
    assertThat(lake.sql("SHOW NAMESPACES IN lake")).containsExactly("[web]");
  }

  @Test
  void proceduresOperateAStream() {
    create("lake.web.corpus");
    insert("lake.web.corpus", 12);
    lake.sql("CALL lake.system.skip('web.corpus', 1, 2, 'bad documents')");
    lake.sql("CALL lake.system.pin('web.corpus', 'run', 'one', 2)");
    Row trimmed = lake.rows("CALL lake.system.trim(table => 'web.corpus', to_step => 3)").get(0);
    assertThat(trimmed.getString(0)).isEqualTo("trimmed");
    assertThat(trimmed.getLong(2)).isEqualTo(2);
    lake.sql("CALL lake.system.unpin('web.corpus', 'run', 'one')");
    assertThat(lake.rows("CALL lake.system.vacuum(table => 'web.corpus', to_step => 2)"))
        .anySatisfy(row -> assertThat(row.getString(0)).isEqualTo("data"));
    lake.sql("CALL lake.system.fork('web.corpus', 'other', 3)");
    insert("lake.web.corpus.forks.other WITH (globalBatchSize=4)", 4);
    assertThat(lake.sql("SELECT max(_step) FROM lake.web.corpus.forks.other"))
        .containsExactly("[3]");
    assertThat(lake.rows("CALL lake.system.seal('web.corpus')").get(0).getLong(1)).isEqualTo(3);
    assertThatThrownBy(() -> insert("lake.web.corpus", 4)).hasMessageContaining("is sealed");
  }

  @Test
  void tablesAreDroppedAndNotRenamed() throws Exception {
    create("lake.web.corpus");
    assertThatThrownBy(() -> lake.sql("ALTER TABLE lake.web.corpus RENAME TO lake.web.other"))
        .hasMessageContaining("can't be renamed");
    lake.sql("DROP TABLE lake.web.corpus");
    create("lake.web.corpus");
    insert("lake.web.corpus", 4);
    create("lake.web.kept");
    assertThatThrownBy(() -> lake.sql("DROP TABLE lake.web.corpus")).hasMessageContaining("PURGE");
    lake.sql("DROP TABLE lake.web.corpus PURGE");
    assertThat(lake.sql("SHOW TABLES IN lake.web")).containsExactly("[web,kept,false]");
    assertThat(objects("web/corpus")).isEmpty();
    assertThat(objects("web/kept")).isNotEmpty();
    assertThatThrownBy(
            () ->
                lake.sql(
                    "CREATE TABLE lake.failed TBLPROPERTIES (slots=2, globalBatchSize=4)"
                        + " AS SELECT raise_error('no') AS id FROM range(4)"))
        .isNotNull();
    assertThat(lake.sql("SHOW TABLES IN lake")).isEmpty();
  }

  private List<ObjectInfo> objects(String below) throws IOException {
    try (ObjectStore store = ObjectStores.open(place.uri(), place.options())) {
      return store.list(ObjectKey.of(below), Optional.empty());
    }
  }
}
