// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.error.InvalidRequestException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The SDK's clients: one that retries, one that never does, over the same HTTP connections.
 *
 * <p>The retrying one slows down where the server throttles (503 SlowDown), and speeds up again
 * while it does not: the SDK's adaptive strategy. It computes no checksums of its own accord; those
 * of puts are computed here, once, and sent as headers, which S3 verifies.
 */
final class S3Connection implements AutoCloseable {
  private static final Duration FIRST_BACKOFF = Duration.ofMillis(50);
  private static final Duration FIRST_THROTTLED_BACKOFF = Duration.ofMillis(200);

  /** Servers, and what stands before them, forget connections that nobody uses. */
  private static final Duration LONGEST_IDLE = Duration.ofSeconds(20);

  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

  private final SdkHttpClient http;
  private final AwsCredentialsProvider credentials;
  private final S3Client retrying;
  private final S3Client once;

  private S3Connection(
      SdkHttpClient http, AwsCredentialsProvider credentials, S3Client retrying, S3Client once) {
    this.http = http;
    this.credentials = credentials;
    this.retrying = retrying;
    this.once = once;
  }

  static S3Connection open(S3Options options) {
    Region region = region(options);
    SdkHttpClient http =
        Apache5HttpClient.builder()
            .maxConnections(options.maxConnections())
            .connectionMaxIdleTime(LONGEST_IDLE)
            .connectionTimeout(options.connectTimeout())
            .socketTimeout(options.timeout())
            .connectionAcquisitionTimeout(Duration.ofMinutes(2))
            .expectContinueEnabled(false)
            .build();
    DefaultCredentialsProvider.Builder chain = DefaultCredentialsProvider.builder();
    options.profile().ifPresent(chain::profileName);
    AwsCredentialsProvider credentials = chain.build();
    return new S3Connection(
        http,
        credentials,
        client(options, region, http, credentials, retries(options)),
        client(options, region, http, credentials, AwsRetryStrategy.doNotRetry()));
  }

  private static S3Client client(
      S3Options options,
      Region region,
      SdkHttpClient http,
      AwsCredentialsProvider credentials,
      RetryStrategy retries) {
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClient(http)
            .credentialsProvider(credentials)
            .region(region)
            .forcePathStyle(options.pathStyle())
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .overrideConfiguration(configuration -> configuration.retryStrategy(retries));
    options
        .endpoint()
        .or(() -> options.emptyVariable() ? Optional.of(awsEndpoint(region)) : Optional.empty())
        .ifPresent(builder::endpointOverride);
    return builder.build();
  }

  /** Said in so many words: the SDK takes an AWS_ENDPOINT_URL that is empty for an address. */
  private static URI awsEndpoint(Region region) {
    return URI.create("https://" + S3Client.serviceMetadata().endpointFor(region));
  }

  private static RetryStrategy retries(S3Options options) {
    return AwsRetryStrategy.adaptiveRetryStrategy().toBuilder()
        .maxAttempts(options.attempts())
        .retryOnException(S3Errors::isConflict)
        .backoffStrategy(BackoffStrategy.exponentialDelay(FIRST_BACKOFF, LONGEST_BACKOFF))
        .throttlingBackoffStrategy(
            BackoffStrategy.exponentialDelay(FIRST_THROTTLED_BACKOFF, LONGEST_BACKOFF))
        .build();
  }

  private static Region region(S3Options options) {
    if (options.region().isPresent()) {
      return Region.of(options.region().get());
    }
    try {
      DefaultAwsRegionProviderChain.Builder chain = DefaultAwsRegionProviderChain.builder();
      options.profile().ifPresent(chain::profileName);
      return chain.build().getRegion();
    } catch (SdkClientException e) {
      if (options.endpoint().isPresent()) {
        // Lookalikes take any, and this is the one that they expect.
        return Region.US_EAST_1;
      }
      throw new InvalidRequestException(
          "no AWS region: set " + S3Options.REGION + " or AWS_REGION to the bucket's");
    }
  }

  /** For what may be sent again. */
  S3Client retrying() {
    return retrying;
  }

  /** For what must be sent once, and whose outcome must not be guessed. */
  S3Client once() {
    return once;
  }

  AwsCredentialsProvider credentials() {
    return credentials;
  }

  @Override
  public void close() {
    retrying.close();
    once.close();
    http.close();
    if (credentials instanceof SdkAutoCloseable closeable) {
      closeable.close();
    }
  }
}
