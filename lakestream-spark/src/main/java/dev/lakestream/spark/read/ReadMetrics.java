// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.spark.read;

import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomSumMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;

/** What Spark's UI shows of a read, beside what it shows of every scan. */
public final class ReadMetrics {
  private static final String BYTES = "lakestreamBytes";
  private static final String REQUESTS = "lakestreamRequests";
  private static final String CELLS = "lakestreamCells";
  private static final String STEPS = "lakestreamSteps";

  private ReadMetrics() {}

  static CustomMetric[] all() {
    return new CustomMetric[] {new Bytes(), new Requests(), new Cells(), new Steps()};
  }

  /** What the driver knows: the steps that a scan reads, whole or in part. */
  static CustomTaskMetric[] ofPlan(long steps) {
    return new CustomTaskMetric[] {new Value(STEPS, steps)};
  }

  /** What a task counts. Not thread-safe. */
  static final class Counts {
    private long bytes;
    private long requests;
    private long cells;

    void fetched(int moreRequests, long moreBytes) {
      requests += moreRequests;
      bytes += moreBytes;
    }

    void cell() {
      cells++;
    }

    CustomTaskMetric[] values() {
      return new CustomTaskMetric[] {
        new Value(BYTES, bytes), new Value(REQUESTS, requests), new Value(CELLS, cells)
      };
    }
  }

  private record Value(String name, long value) implements CustomTaskMetric {}

  /**
   * A sum over tasks. Spark makes one by its class, so the kinds have constructors of their own.
   */
  private abstract static class Sum extends CustomSumMetric {
    private final String name;
    private final String description;

    Sum(String name, String description) {
      this.name = name;
      this.description = description;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String description() {
      return description;
    }
  }

  /** Bytes of the ranges that were fetched. */
  public static final class Bytes extends Sum {
    public Bytes() {
      super(BYTES, "bytes fetched from the store");
    }
  }

  /** Ranges that were fetched. */
  public static final class Requests extends Sum {
    public Requests() {
      super(REQUESTS, "ranges fetched from the store");
    }
  }

  /** Cells that were decoded. */
  public static final class Cells extends Sum {
    public Cells() {
      super(CELLS, "cells decoded");
    }
  }

  /** Steps that are read, whole or in part. */
  public static final class Steps extends Sum {
    public Steps() {
      super(STEPS, "steps read");
    }
  }
}
