// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.error.InvalidRequestException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How an S3 store is reached. Holds no secret: credentials come from the default chain of the AWS
 * SDK (environment, profile, web identity, container, instance).
 *
 * @param endpoint of a lookalike or a private address; else AWS itself
 * @param emptyVariable whether the environment names an endpoint, but an empty one
 * @param region else what the environment or the profile says
 * @param pathStyle whether the bucket is in the path rather than in the host name
 * @param profile of the shared credentials and config files
 * @param checksums whether S3 verifies each put by CRC32C
 * @param encryption of what is put
 * @param maxConnections at a time
 * @param attempts of a request, the first included
 * @param connectTimeout for a connection
 * @param timeout without a byte, until a request counts as failed
 * @param rangeSize larger reads are made of parallel ranges of so many bytes
 * @param partSize larger uploads are made of parts of so many bytes
 * @param hedge whether a slow answer is asked for a second time
 * @param probe whether a race proves the store before a stream is created
 */
record S3Options(
    Optional<URI> endpoint,
    boolean emptyVariable,
    Optional<String> region,
    boolean pathStyle,
    Optional<String> profile,
    boolean checksums,
    S3Encryption encryption,
    int maxConnections,
    int attempts,
    Duration connectTimeout,
    Duration timeout,
    int rangeSize,
    int partSize,
    boolean hedge,
    boolean probe) {
  static final String ENDPOINT = "s3.endpoint";
  static final String REGION = "s3.region";
  static final String PATH_STYLE = "s3.path-style";
  static final String PROFILE = "s3.profile";
  static final String CHECKSUMS = "s3.checksums";
  static final String MAX_CONNECTIONS = "s3.max-connections";
  static final String ATTEMPTS = "s3.attempts";
  static final String CONNECT_TIMEOUT = "s3.connect-timeout";
  static final String TIMEOUT = "s3.timeout";
  static final String RANGE_SIZE = "s3.range-size";
  static final String PART_SIZE = "s3.part-size";
  static final String HEDGE = "s3.hedge";
  static final String PROBE = "s3.probe";

  private static final Set<String> KNOWN =
      Set.of(
          ENDPOINT,
          REGION,
          PATH_STYLE,
          PROFILE,
          CHECKSUMS,
          S3Encryption.SSE,
          S3Encryption.KMS_KEY,
          S3Encryption.BUCKET_KEY,
          MAX_CONNECTIONS,
          ATTEMPTS,
          CONNECT_TIMEOUT,
          TIMEOUT,
          RANGE_SIZE,
          PART_SIZE,
          HEDGE,
          PROBE);

  private static final List<String> ENDPOINT_VARIABLES =
      List.of("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");

  /** S3 refuses smaller parts, but for the last. */
  static final int SMALLEST_PART = 5 << 20;

  private static final int DEFAULT_BLOCK = 8 << 20;
  private static final int LARGEST_BLOCK = 1 << 30;

  /**
   * Reads the options that begin with {@code s3.}.
   *
   * @param environment variables; {@code AWS_ENDPOINT_URL_S3} and {@code AWS_ENDPOINT_URL} name an
   *     endpoint, as they do for the AWS command line
   */
  static S3Options of(Map<String, String> options, Map<String, String> environment) {
    Map<String, String> ours = new LinkedHashMap<>();
    options.forEach(
        (name, value) -> {
          if (name.startsWith("s3.")) {
            check(name);
            ours.put(name, value.strip());
          }
        });
    Optional<URI> endpoint =
        text(ours, ENDPOINT)
            .or(
                () ->
                    ENDPOINT_VARIABLES.stream()
                        .flatMap(variable -> text(environment, variable).stream())
                        .findFirst())
            .map(S3Options::endpointUri);
    return new S3Options(
        endpoint,
        ENDPOINT_VARIABLES.stream().map(environment::get).anyMatch(S3Options::isBlank),
        text(ours, REGION),
        flag(ours, PATH_STYLE, "true", "false", endpoint.isPresent()),
        text(ours, PROFILE),
        flag(ours, CHECKSUMS, "crc32c", "when-required", true),
        S3Encryption.of(ours),
        number(ours, MAX_CONNECTIONS, 64, 1, 10_000),
        number(ours, ATTEMPTS, 5, 1, 20),
        duration(ours, CONNECT_TIMEOUT, Duration.ofSeconds(3)),
        duration(ours, TIMEOUT, Duration.ofSeconds(15)),
        size(ours, RANGE_SIZE, 64 << 10),
        size(ours, PART_SIZE, SMALLEST_PART),
        flag(ours, HEDGE, "true", "false", true),
        flag(ours, PROBE, "race", "off", true));
  }

  private static void check(String name) {
    if (name.contains("key-id") || name.contains("access") || name.contains("secret")) {
      throw new InvalidRequestException(
          "credentials are no options, which are logged and stored: set AWS_ACCESS_KEY_ID and"
              + " AWS_SECRET_ACCESS_KEY, or name a profile with "
              + PROFILE);
    }
    if (!KNOWN.contains(name)) {
      throw new InvalidRequestException(
          "unknown option '" + name + "'; known are " + KNOWN.stream().sorted().toList());
    }
  }

  private static boolean isBlank(@Nullable String value) {
    return value != null && value.isBlank();
  }

  private static Optional<String> text(Map<String, String> options, String name) {
    return Optional.ofNullable(options.get(name)).filter(value -> !value.isBlank());
  }

  private static URI endpointUri(String value) {
    try {
      URI uri = new URI(value);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http && uri.getHost() != null && uri.getRawUserInfo() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Said below, without the value: somebody may have written credentials into it.
    }
    throw new InvalidRequestException(
        ENDPOINT
            + " (or AWS_ENDPOINT_URL) must be http://host:port or https://host:port, without"
            + " credentials");
  }

  private static boolean flag(
      Map<String, String> options, String name, String yes, String no, boolean otherwise) {
    String value = options.get(name);
    if (value == null) {
      return otherwise;
    }
    if (!value.equals(yes) && !value.equals(no)) {
      throw wrong(name, value, "'" + yes + "' or '" + no + "'");
    }
    return value.equals(yes);
  }

  private static int number(
      Map<String, String> options, String name, int otherwise, int least, int most) {
    String value = options.get(name);
    if (value == null) {
      return otherwise;
    }
    String wanted = "a number from " + least + " to " + most;
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw wrong(name, value, wanted);
  }

  private static Duration duration(Map<String, String> options, String name, Duration otherwise) {
    String value = options.get(name);
    if (value == null) {
      return otherwise;
    }
    String lower = value.toLowerCase(Locale.ROOT);
    if (lower.matches("[1-9][0-9]{0,6}ms")) {
      return Duration.ofMillis(Long.parseLong(lower.substring(0, lower.length() - 2)));
    }
    if (lower.matches("[1-9][0-9]{0,4}s")) {
      return Duration.ofSeconds(Long.parseLong(lower.substring(0, lower.length() - 1)));
    }
    throw wrong(name, value, "a time such as 10s or 500ms");
  }

  private static int size(Map<String, String> options, String name, int least) {
    String value = options.get(name);
    if (value == null) {
      return DEFAULT_BLOCK;
    }
    if (value.matches("[1-9][0-9]{0,9}([KM]i?B?)?")) {
      long number = Long.parseLong(value.replaceAll("[^0-9]", ""));
      long bytes = value.contains("K") ? number << 10 : value.contains("M") ? number << 20 : number;
      if (bytes >= least && bytes <= LARGEST_BLOCK) {
        return (int) bytes;
      }
    }
    throw wrong(name, value, "a size such as 8MB, from " + least + " to " + LARGEST_BLOCK);
  }

  private static InvalidRequestException wrong(String name, String value, String wanted) {
    return new InvalidRequestException(name + " is '" + value + "', it must be " + wanted);
  }
}
