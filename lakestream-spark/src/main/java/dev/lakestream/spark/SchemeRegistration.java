// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.SparkSessionExtensionsProvider;
import scala.runtime.BoxedUnit;

/**
 * Tells Hadoop of {@code lakestream://} when a session is built; Spark finds it by service loading.
 *
 * <p>Hadoop loads its own services once in the life of a process, and has done so when Spark adds
 * the jars of {@code --jars} and {@code --packages}. Settings it takes in at any time: those that
 * exist are read anew, and what a job is sent has them.
 */
public final class SchemeRegistration implements SparkSessionExtensionsProvider {
  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    Configuration.addDefaultResource("lakestream-default.xml");
    return BoxedUnit.UNIT;
  }
}
