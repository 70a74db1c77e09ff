// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lakestream.error.InvalidRequestException;
import org.junit.jupiter.api.Test;

class StoreOptionsTest {
  private static final StoreOptions OPTIONS =
      new StoreOptions()
          .with("s3.endpoint", "http://127.0.0.1:9000")
          .with("s3.range-size", "4MB")
          .with("s3.region", "eu-central-1");

  @Test
  void otherCommandsTakeTheSameOptions() {
    assertThat(OPTIONS.arguments())
        .containsExactly(
            "--store=s3.endpoint=http://127.0.0.1:9000",
            "--store=s3.range-size=4MB",
            "--store=s3.region=eu-central-1");
  }

  @Test
  void otherProgramsReadWhatTheyKnowFromTheEnvironment() {
    assertThat(OPTIONS.environment())
        .containsOnlyKeys("AWS_ENDPOINT_URL_S3", "AWS_REGION")
        .containsEntry("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000");
  }

  @Test
  void oneMoreOptionLeavesTheOthersAlone() {
    StoreOptions changed = OPTIONS.with("s3.endpoint", "http://127.0.0.1:1");
    assertThat(changed.values()).hasSize(3).containsEntry("s3.endpoint", "http://127.0.0.1:1");
    assertThat(OPTIONS.values()).containsEntry("s3.endpoint", "http://127.0.0.1:9000");
  }

  /** Before any process is started that would show them on its command line. */
  @Test
  void credentialsAreRefused() {
    StoreOptions secret = new StoreOptions().with("s3.secret-key", "x");
    assertThatThrownBy(() -> secret.open("s3://bucket/x"))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("AWS_SECRET_ACCESS_KEY");
    assertThatThrownBy(() -> OPTIONS.open(" ")).isInstanceOf(InvalidRequestException.class);
  }
}
