// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.store.ObjectKey;
import dev.lakestream.store.OutcomeUnknownException;
import dev.lakestream.store.PutResult;
import java.io.IOException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Put-if-absent, which is sent once: the SDK's own retry would turn a success into a 412 by
 * ourselves. What was provably never sent is sent anew; what nobody answered is {@link
 * OutcomeUnknownException}.
 */
final class ConditionalPut {
  private final S3Client once;
  private final S3Location location;
  private final S3Options options;
  private final S3Errors errors;
  private final S3Environment environment;

  /**
   * @param once a client that never retries
   */
  ConditionalPut(
      S3Client once,
      S3Location location,
      S3Options options,
      S3Errors errors,
      S3Environment environment) {
    this.once = once;
    this.location = location;
    this.options = options;
    this.errors = errors;
    this.environment = environment;
  }

  /** Sends {@code put}, made conditional. */
  PutResult send(ObjectKey key, PutObjectRequest.Builder put, byte[] content) throws IOException {
    PutObjectRequest request = put.ifNoneMatch("*").build();
    String what = "conditional put of " + key;
    for (int attempt = 1; ; attempt++) {
      try {
        once.putObject(request, Bodies.of(content));
        return PutResult.CREATED;
      } catch (S3Exception e) {
        if (e.statusCode() == 412) {
          return PutResult.EXISTS;
        }
        if (S3Errors.mayHaveActed(e)) {
          throw outcomeUnknown(key, e);
        }
        throw errors.of(what, e);
      } catch (SdkException e) {
        if (!S3Errors.neverSent(e)) {
          throw outcomeUnknown(key, e);
        }
        if (attempt >= options.attempts()) {
          throw errors.of(what, e);
        }
        environment.pauseAfter(what, attempt);
      }
    }
  }

  private OutcomeUnknownException outcomeUnknown(ObjectKey key, SdkException e) {
    return new OutcomeUnknownException(
        "whether " + key + " was put in " + location + " is unknown: " + errors.brief(e), e);
  }
}
