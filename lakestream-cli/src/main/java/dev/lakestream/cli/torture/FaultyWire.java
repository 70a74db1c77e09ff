// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.torture;

import dev.lakestream.cli.StoreOptions;
import dev.lakestream.error.InvalidRequestException;
import dev.lakestream.wire.WireFault;
import dev.lakestream.wire.WireProxy;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Stands between all processes of the torture and their S3 server, and breaks what passes, as a
 * seed says: answers that get lost after the server acted, resets, half bodies, wrong lengths,
 * errors, delays, stalls.
 */
final class FaultyWire implements AutoCloseable {
  private static final String ENDPOINT = "s3.endpoint";
  private static final Duration DELAY = Duration.ofMillis(300);

  private final WireProxy proxy;
  private final StoreOptions store;
  private long requests;

  private FaultyWire(WireProxy proxy, StoreOptions store) {
    this.proxy = proxy;
    this.store = store;
  }

  /**
   * Begins to listen before the endpoint that the options or the environment name.
   *
   * @param chance of each request to meet a fault
   */
  static FaultyWire before(StoreOptions store, double chance, long seed) throws IOException {
    WireProxy proxy = WireProxy.before(endpoint(store, System.getenv()));
    proxy.delaying(DELAY).randomly(seed, chance, EnumSet.allOf(WireFault.class));
    return new FaultyWire(proxy, store.with(ENDPOINT, proxy.endpoint().toString()));
  }

  static URI endpoint(StoreOptions store, Map<String, String> environment) {
    URI endpoint =
        URI.create(
            Optional.ofNullable(store.values().get(ENDPOINT))
                .or(() -> Optional.ofNullable(environment.get("AWS_ENDPOINT_URL_S3")))
                .filter(value -> !value.isBlank())
                .or(() -> Optional.ofNullable(environment.get("AWS_ENDPOINT_URL")))
                .orElse(""));
    if (!"http".equals(endpoint.getScheme()) || endpoint.getPort() < 0) {
      throw new InvalidRequestException(
          "--wire-faults needs a server that speaks plain HTTP: name it as http://host:port by"
              + " --store s3.endpoint=… or AWS_ENDPOINT_URL");
    }
    return endpoint;
  }

  /** The options of those who are to go through here. */
  StoreOptions store() {
    return store;
  }

  /** Counts what has passed, and forgets it. */
  void count() {
    requests += proxy.takeRequests().size();
  }

  /** How much passed, and how often which fault was met. */
  Map<String, Long> figures() {
    count();
    Map<String, Long> figures = new LinkedHashMap<>();
    figures.put("wire_requests", requests);
    proxy
        .faultsByKind()
        .forEach(
            (fault, times) ->
                figures.put("wire_" + fault.name().toLowerCase(Locale.ROOT), (long) times));
    return figures;
  }

  @Override
  public void close() throws IOException {
    proxy.close();
  }
}
