// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.store.s3;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Sends gets, and a second one where the first has no answer for long. The first answer wins; the
 * other is thrown away as it comes, before any of its body is read, so nobody but the winner ever
 * writes to the memory that waits for it.
 */
final class HedgedGets {
  /** A get under way; completing it exceptionally gives it up. */
  static final class Answer extends CompletableFuture<ResponseInputStream<GetObjectResponse>> {
    private final AtomicInteger asking = new AtomicInteger();
  }

  private final S3Client client;
  private final Executor executor;
  private final HedgePolicy policy;
  private final LongSupplier nanos;
  private final boolean hedge;

  HedgedGets(
      S3Client client, Executor executor, HedgePolicy policy, LongSupplier nanos, boolean hedge) {
    this.client = client;
    this.executor = executor;
    this.policy = policy;
    this.nanos = nanos;
    this.hedge = hedge;
  }

  /**
   * Sends a get and waits for the head of its answer.
   *
   * @throws ExecutionException with the SDK's exception as its cause
   */
  ResponseInputStream<GetObjectResponse> await(GetObjectRequest request, Answer answer)
      throws ExecutionException, InterruptedException {
    ask(request, answer);
    if (hedge) {
      Duration delay = policy.delay();
      try {
        return answer.get(delay.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        if (policy.mayHedge()) {
          ask(request, answer);
        }
      }
    }
    return answer.get();
  }

  private void ask(GetObjectRequest request, Answer answer) {
    answer.asking.incrementAndGet();
    executor.execute(
        () -> {
          long begin = nanos.getAsLong();
          try {
            ResponseInputStream<GetObjectResponse> response = client.getObject(request);
            policy.answered(nanos.getAsLong() - begin);
            if (!answer.complete(response)) {
              response.abort();
            }
          } catch (Throwable e) {
            boolean refused = e instanceof SdkServiceException s && s.statusCode() < 500;
            if (answer.asking.decrementAndGet() == 0 || refused) {
              answer.completeExceptionally(e);
            }
          }
        });
  }
}
