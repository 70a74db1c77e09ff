// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.error.InvalidRequestException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * How S3 is told to encrypt what is put; said with every put and every multipart upload, or not at
 * all, and then the bucket's default holds.
 *
 * @param kmsKey of AWS KMS; empty for the account's own key for S3
 * @param bucketKey whether S3 derives a key of the bucket, which saves most requests to KMS; empty
 *     for the bucket's default
 */
record S3Encryption(
    Optional<ServerSideEncryption> algorithm,
    Optional<String> kmsKey,
    Optional<Boolean> bucketKey) {
  static final String SSE = "s3.sse";
  static final String KMS_KEY = "s3.sse-kms-key";
  static final String BUCKET_KEY = "s3.sse-bucket-key";

  /** An id, an alias, or the ARN of either. */
  private static final Pattern KEY =
      Pattern.compile(
          "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32}"
              + "|(arn:aws[a-z-]{0,16}:kms:[a-z0-9-]{1,32}:[0-9]{12}:)?"
              + "(alias/[A-Za-z0-9/_-]{1,250}|key/[A-Za-z0-9-]{1,64})");

  /** Reads the options that begin with {@code s3.sse}. */
  static S3Encryption of(Map<String, String> options) {
    Optional<String> kmsKey = Optional.ofNullable(options.get(KMS_KEY));
    Optional<Boolean> bucketKey =
        Optional.ofNullable(options.get(BUCKET_KEY)).map(S3Encryption::flag);
    Optional<ServerSideEncryption> algorithm =
        Optional.ofNullable(options.get(SSE))
            .map(S3Encryption::algorithm)
            .or(() -> kmsKey.map(key -> ServerSideEncryption.AWS_KMS));
    boolean kms = algorithm.filter(ServerSideEncryption.AWS_KMS::equals).isPresent();
    if (!kms && (kmsKey.isPresent() || bucketKey.isPresent())) {
      throw new InvalidRequestException(
          KMS_KEY + " and " + BUCKET_KEY + " go with " + SSE + " 'aws:kms' only");
    }
    if (kmsKey.isPresent() && !KEY.matcher(kmsKey.get()).matches()) {
      throw new InvalidRequestException(
          KMS_KEY
              + " is no key of AWS KMS: it must be the id of a key, alias/NAME, or the ARN of either");
    }
    return new S3Encryption(algorithm, kmsKey, bucketKey);
  }

  private static ServerSideEncryption algorithm(String value) {
    return switch (value) {
      case "aws:kms" -> ServerSideEncryption.AWS_KMS;
      case "AES256" -> ServerSideEncryption.AES256;
      default ->
          throw new InvalidRequestException(
              SSE + " is '" + value + "', it must be 'aws:kms' or 'AES256'");
    };
  }

  private static boolean flag(String value) {
    if (!value.equals("true") && !value.equals("false")) {
      throw new InvalidRequestException(
          BUCKET_KEY + " is '" + value + "', it must be 'true' or 'false'");
    }
    return value.equals("true");
  }

  /** Adds what S3 is to be told to a put. */
  void addTo(PutObjectRequest.Builder request) {
    algorithm.ifPresent(request::serverSideEncryption);
    kmsKey.ifPresent(request::ssekmsKeyId);
    bucketKey.ifPresent(request::bucketKeyEnabled);
  }

  /** Adds what S3 is to be told to the beginning of a multipart upload; its parts say nothing. */
  void addTo(CreateMultipartUploadRequest.Builder request) {
    algorithm.ifPresent(request::serverSideEncryption);
    kmsKey.ifPresent(request::ssekmsKeyId);
    bucketKey.ifPresent(request::bucketKeyEnabled);
  }
}
