// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import dev.lakestream.store.StoreRefusedException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Says what the SDK's exceptions mean to a user, and what became of the request. No message holds a
 * credential: of what the server says only its error code is repeated.
 */
final class S3Errors {
  private static final Set<String> BAD_CREDENTIALS =
      Set.of(
          "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "InvalidToken",
          "InvalidSecurity",
          "NotSignedUp");
  private static final Set<String> EXPIRED =
      Set.of("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired");
  private static final Set<String> COLLISIONS =
      Set.of("ConditionalRequestConflict", "OperationAborted");
  private static final Set<String> NOT_CARRIED_OUT_YET =
      Set.of("RequestTimeout", "OperationAborted", "ConditionalRequestConflict");
  private static final Set<String> OTHER_REGION =
      Set.of("PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed");

  private final S3Location location;
  private final String where;
  private final InstantSource clock;

  S3Errors(S3Location location, S3Options options, InstantSource clock) {
    this.clock = clock;
    this.location = location;
    this.where = options.endpoint().map(uri -> "the S3 endpoint " + uri).orElse("AWS S3");
  }

  /** Whether the server certainly never got the request, so that it may be sent anew. */
  static boolean neverSent(Throwable error) {
    return causedBy(error, ConnectException.class)
        || causedBy(error, ConnectTimeoutException.class)
        || causedBy(error, UnknownHostException.class)
        || causedBy(error, NoRouteToHostException.class)
        || causedBy(error, SSLHandshakeException.class);
  }

  /** Whether the server may have acted, or may yet act, on a request that it answered like this. */
  static boolean mayHaveActed(AwsServiceException e) {
    int status = e.statusCode();
    return status == 409
        || status == 408
        || NOT_CARRIED_OUT_YET.contains(code(e))
        || (status >= 500 && status != 501);
  }

  /** Whether requests for one key collided: whoever may send one again is to do so. */
  static boolean isConflict(Throwable error) {
    return error instanceof AwsServiceException e
        && e.statusCode() == 409
        && COLLISIONS.contains(code(e));
  }

  /** Whether the bucket itself is missing, rather than an object in it. */
  static boolean isNoSuchBucket(AwsServiceException e) {
    return code(e).equals("NoSuchBucket");
  }

  /** The error for a request, such as {@code put log/1.json}, that the store did not carry out. */
  IOException of(String what, SdkException e) {
    String failed = what + " failed in " + location + ": ";
    if (e instanceof AwsServiceException service) {
      return ofAnswer(failed, what, service);
    }
    return ofSilence(failed, e);
  }

  private IOException ofAnswer(String failed, String what, AwsServiceException e) {
    String code = code(e);
    String status = " (" + e.statusCode() + (code.isEmpty() ? "" : " " + code) + ")";
    Optional<String> region = header(e, "x-amz-bucket-region");
    String advice;
    if (isNoSuchBucket(e)) {
      advice =
          "the bucket '"
              + location.bucket()
              + "' does not exist at "
              + where
              + "; create it, or mend the URI or the endpoint";
    } else if (code.equals("RequestTimeTooSkewed")) {
      advice =
          "the clock of this machine is "
              + skew(e).map(off -> "off by " + off + " from").orElse("too far from")
              + " the store's; set it, by NTP for example";
    } else if (BAD_CREDENTIALS.contains(code)) {
      advice =
          where
              + " does not accept the credentials; look at AWS_ACCESS_KEY_ID,"
              + " AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or at the profile in use";
    } else if (EXPIRED.contains(code)) {
      advice = "the credentials have expired; renew them";
    } else if (OTHER_REGION.contains(code) || e.statusCode() == 301) {
      advice =
          "the bucket is in "
              + region.map(name -> "the region " + name).orElse("another region")
              + "; name that by "
              + S3Options.REGION
              + " or AWS_REGION";
    } else if (e.statusCode() == 403 || e.statusCode() == 401) {
      advice = where + " forbids it; " + permission(what);
    } else if (e.statusCode() == 501) {
      advice =
          where
              + " does not know how to; if it was a conditional put (If-None-Match), no stream can"
              + " be written to this server";
    } else {
      return new IOException(
          failed + where + " answers with an error, also when asked again" + status, e);
    }
    return new StoreRefusedException(failed + advice + status, e);
  }

  private IOException ofSilence(String failed, SdkException e) {
    if (causedBy(e, UnknownHostException.class)) {
      return new IOException(
          failed + "the host of " + where + " is unknown; mend " + S3Options.ENDPOINT, e);
    }
    if (causedBy(e, SSLException.class)) {
      return new StoreRefusedException(
          failed
              + "no TLS connection with "
              + where
              + "; is its certificate in the JVM's trust store (-Djavax.net.ssl.trustStore), and does"
              + " the server speak TLS?",
          e);
    }
    if (neverSent(e)) {
      return new IOException(
          failed
              + where
              + " accepts no connection; is it running, and is "
              + S3Options.ENDPOINT
              + " right?",
          e);
    }
    if (causedBy(e, SocketTimeoutException.class)) {
      return new IOException(
          failed + where + " does not answer in time (" + S3Options.TIMEOUT + ")", e);
    }
    if (causedBy(e, IOException.class)) {
      return new IOException(failed + "the connection with " + where + " broke", e);
    }
    return new IOException(failed + firstLine(e), e);
  }

  private static boolean causedBy(Throwable error, Class<? extends Throwable> type) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  /** In some words, for what is only told on the way. */
  String brief(SdkException e) {
    return e instanceof AwsServiceException service
        ? "the answer was " + service.statusCode() + " " + code(service)
        : "no answer came (" + firstLine(e) + ")";
  }

  /** The error if no credentials were found. */
  StoreRefusedException noCredentials(SdkException e) {
    return new StoreRefusedException(
        "no credentials for "
            + location
            + ": set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile by "
            + S3Options.PROFILE
            + " or AWS_PROFILE",
        e);
  }

  private static String permission(String what) {
    if (what.startsWith("conditional put")) {
      return "the credentials need s3:PutObject there, and no policy of the bucket may deny puts"
          + " with If-None-Match";
    }
    String verb = what.substring(0, Math.max(0, what.indexOf(' ')));
    String action =
        switch (verb) {
          case "put", "upload", "finish" -> "s3:PutObject";
          case "read", "get", "head" -> "s3:GetObject";
          case "list" -> "s3:ListBucket";
          case "delete" -> "s3:DeleteObject";
          case "abort" -> "s3:AbortMultipartUpload";
          default -> "a permission for this";
        };
    return "the credentials need " + action + " there";
  }

  private static String code(AwsServiceException e) {
    String code = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorCode();
    return code == null ? "" : code.replaceAll("[^A-Za-z0-9._-]", "");
  }

  private static Optional<String> header(AwsServiceException e, String name) {
    return e.awsErrorDetails() == null || e.awsErrorDetails().sdkHttpResponse() == null
        ? Optional.empty()
        : e.awsErrorDetails().sdkHttpResponse().firstMatchingHeader(name);
  }

  /** How far this machine's clock is from the server's. */
  private Optional<String> skew(AwsServiceException e) {
    return header(e, "Date")
        .flatMap(S3Errors::httpTime)
        .map(server -> Math.abs(Duration.between(clock.instant(), server).toSeconds()))
        .map(off -> off >= 120 ? off / 60 + " min" : off + " s");
  }

  private static Optional<Instant> httpTime(String date) {
    try {
      return Optional.of(
          ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static String firstLine(Throwable e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
