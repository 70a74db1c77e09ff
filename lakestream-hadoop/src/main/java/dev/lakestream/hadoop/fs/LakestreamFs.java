// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.fs;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;

/**
 * {@link LakestreamFileSystem} for those who use {@code FileContext}, such as YARN. Found by {@code
 * fs.AbstractFileSystem.lakestream.impl}, which {@code lakestream-default.xml} sets.
 */
public final class LakestreamFs extends DelegateToFileSystem {
  /** Opens the stream that a URI names; called by Hadoop. */
  public LakestreamFs(URI uri, Configuration configuration) throws IOException, URISyntaxException {
    super(uri, new LakestreamFileSystem(), configuration, Mount.SCHEME, false);
  }
}
