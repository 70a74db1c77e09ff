// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.error;

/** The stream needs a newer client: upgrade, nothing is damaged. */
public final class UnsupportedFeatureException extends LakestreamException {
  private static final long serialVersionUID = 1L;

  public UnsupportedFeatureException(String message) {
    super(message);
  }
}
