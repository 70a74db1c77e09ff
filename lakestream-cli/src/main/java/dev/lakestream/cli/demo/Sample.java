// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import java.io.Serializable;

/**
 * One row of the demo: a sequence of tokens, packed from documents. A bean, as Spark's encoders
 * want it.
 */
public final class Sample implements Serializable {
  private static final long serialVersionUID = 1L;

  private long id;
  private String source = "";
  private int[] tokens = {};
  private int[] documents = {};

  /** Identity of the row, unique in the corpus. */
  public long getId() {
    return id;
  }

  public void setId(long id) {
    this.id = id;
  }

  /** The jar that its first document is from. */
  public String getSource() {
    return source;
  }

  public void setSource(String source) {
    this.source = source;
  }

  /** As many tokens as every sequence has. */
  public int[] getTokens() {
    return tokens;
  }

  public void setTokens(int[] tokens) {
    this.tokens = tokens;
  }

  /** Where documents start, and then the length of the sequence. */
  public int[] getDocuments() {
    return documents;
  }

  public void setDocuments(int[] documents) {
    this.documents = documents;
  }
}
