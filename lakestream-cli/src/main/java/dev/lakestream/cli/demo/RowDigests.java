// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import dev.lakestream.cli.demo.SampleDigest.Division;
import java.io.Serializable;

/**
 * What each rank should get of one row, digested before it was written. A bean for Spark's
 * encoders.
 */
public final class RowDigests implements Serializable {
  private static final long serialVersionUID = 1L;

  private long id;
  private String whole = "";
  private String first = "";
  private String second = "";

  static RowDigests of(Sample sample) {
    RowDigests digests = new RowDigests();
    digests.id = sample.getId();
    digests.whole = SampleDigest.of(sample, Division.WHOLE, 0);
    digests.first = SampleDigest.of(sample, Division.ZIGZAG_OF_TWO, 0);
    digests.second = SampleDigest.of(sample, Division.ZIGZAG_OF_TWO, 1);
    return digests;
  }

  /** Identity of the row. */
  public long getId() {
    return id;
  }

  public void setId(long id) {
    this.id = id;
  }

  /** With all of its tokens. */
  public String getWhole() {
    return whole;
  }

  public void setWhole(String whole) {
    this.whole = whole;
  }

  /** With those of context-parallel rank 0 of 2. */
  public String getFirst() {
    return first;
  }

  public void setFirst(String first) {
    this.first = first;
  }

  /** With those of context-parallel rank 1 of 2. */
  public String getSecond() {
    return second;
  }

  public void setSecond(String second) {
    this.second = second;
  }
}
