// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.wire;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One client's connection and the one to the server that belongs to it. */
final class WireConnection implements Runnable {
  private static final int BUFFER = 256 << 10;
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final WireProxy proxy;
  private final Socket client;
  private final byte[] buffer = new byte[BUFFER];

  /** How the body of a message ends. */
  private sealed interface Body {
    record None() implements Body {}

    record Length(long bytes) implements Body {}

    record Chunked() implements Body {}
  }

  WireConnection(WireProxy proxy, Socket client) {
    this.proxy = proxy;
    this.client = client;
  }

  @Override
  public void run() {
    try (client) {
      InputStream fromClient = new BufferedInputStream(client.getInputStream(), BUFFER);
      Optional<String> head = HttpHead.read(fromClient);
      while (head.isPresent()) {
        head = exchangeWithOneServer(head.get(), fromClient);
      }
    } catch (IOException e) {
      // One of the two went away; the other learns it by the connection's end.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      proxy.forget(client);
    }
  }

  /**
   * Exchanges messages until the client has been idle for so long that the server may have gone,
   * which is not the client's fault.
   *
   * @return the request that a new connection to the server is for; empty if the client's is over
   */
  private Optional<String> exchangeWithOneServer(String first, InputStream fromClient)
      throws IOException, InterruptedException {
    Socket server = proxy.connect();
    try (server) {
      InputStream fromServer = new BufferedInputStream(server.getInputStream(), BUFFER);
      Optional<String> head = Optional.of(first);
      while (exchange(head.get(), fromClient, fromServer, server)) {
        long since = System.nanoTime();
        head = HttpHead.read(fromClient);
        if (head.isEmpty() || System.nanoTime() - since > IDLE_NANOS) {
          return head;
        }
      }
      return Optional.empty();
    } finally {
      proxy.forget(server);
    }
  }

  /** One request and its answer; false if the connection is over. */
  private boolean exchange(
      String head, InputStream fromClient, InputStream fromServer, Socket server)
      throws IOException, InterruptedException {
    WireRequest request = WireRequest.parse(head);
    Optional<WireFault> fault = proxy.faultFor(request);
    if (fault.isPresent() && fault.get() == WireFault.DELAY && !proxy.waitForDelay()) {
      return false;
    }
    if (HttpHead.header(head, "Expect").toLowerCase(Locale.ROOT).contains("100-continue")) {
      client.getOutputStream().write(HttpHead.bytes("HTTP/1.1 100 Continue\r\n\r\n"));
      head = HttpHead.withHeader(head, "Expect", "").replace("\r\nExpect: \r\n", "\r\n");
    }
    Optional<WireProxy.MadeUp> madeUp = proxy.answerFor(request).or(() -> madeUp(fault));
    if (madeUp.isPresent()) {
      copy(bodyOf(head), fromClient, OutputStream.nullOutputStream());
      answer(request, madeUp.get());
      return true;
    }
    if (fault.isPresent() && fault.get() == WireFault.RESET) {
      return reset();
    }
    if (fault.isPresent() && fault.get() == WireFault.LATE_REQUEST) {
      ByteArrayOutputStream late = new ByteArrayOutputStream();
      late.write(HttpHead.bytes(head));
      copy(bodyOf(head), fromClient, late);
      proxy.execute(() -> sendLate(late.toByteArray()));
      return reset();
    }
    OutputStream toServer = server.getOutputStream();
    toServer.write(HttpHead.bytes(head));
    Body body = bodyOf(head);
    if (proxy.damages(request) && body instanceof Body.Length length && length.bytes() > 0) {
      toServer.write(fromClient.read() ^ 1);
      body = new Body.Length(length.bytes() - 1);
    }
    copy(body, fromClient, toServer);
    toServer.flush();
    return bringAnswer(request, fault, fromServer);
  }

  private boolean bringAnswer(WireRequest request, Optional<WireFault> fault, InputStream server)
      throws IOException {
    String head = HttpHead.read(server).orElseThrow(EOFException::new);
    boolean bodiless =
        request.method().equals("HEAD")
            || HttpHead.status(head) == 204
            || HttpHead.status(head) == 304;
    Body body = bodiless ? new Body.None() : bodyOf(head);
    OutputStream out = client.getOutputStream();
    if (fault.isPresent() && fault.get() == WireFault.LOST_RESPONSE) {
      copy(body, server, OutputStream.nullOutputStream());
      return reset();
    }
    if (fault.isPresent() && fault.get() == WireFault.ACTED_500) {
      copy(body, server, OutputStream.nullOutputStream());
      answer(request, WireProxy.MadeUp.s3Error(500, "InternalError"));
      return true;
    }
    if (fault.isPresent() && body instanceof Body.Length length && length.bytes() > 1) {
      if (fault.get() == WireFault.HALF_BODY) {
        out.write(HttpHead.bytes(head));
        copy(new Body.Length(length.bytes() / 2), server, out);
        out.flush();
        return false;
      }
      if (fault.get() == WireFault.STALL) {
        out.write(HttpHead.bytes(head));
        copy(new Body.Length(length.bytes() / 2), server, out);
        out.flush();
        awaitGivingUp();
        return false;
      }
      if (fault.get() == WireFault.WRONG_LENGTH) {
        long shorter = length.bytes() / 2;
        out.write(
            HttpHead.bytes(HttpHead.withHeader(head, "Content-Length", Long.toString(shorter))));
        copy(new Body.Length(shorter), server, out);
        out.flush();
        return false;
      }
    }
    out.write(HttpHead.bytes(head));
    copy(body, server, out);
    out.flush();
    return !HttpHead.header(head, "Connection").equalsIgnoreCase("close");
  }

  private static Optional<WireProxy.MadeUp> madeUp(Optional<WireFault> fault) {
    return fault.flatMap(
        some ->
            switch (some) {
              case ERROR_500 -> Optional.of(WireProxy.MadeUp.s3Error(500, "InternalError"));
              case SLOW_DOWN -> Optional.of(WireProxy.MadeUp.s3Error(503, "SlowDown"));
              case CONFLICT ->
                  Optional.of(WireProxy.MadeUp.s3Error(409, "ConditionalRequestConflict"));
              default -> Optional.empty();
            });
  }

  private void answer(WireRequest request, WireProxy.MadeUp answer) throws IOException {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    OutputStream out = client.getOutputStream();
    out.write(
        HttpHead.bytes(
            "HTTP/1.1 "
                + answer.status()
                + " Made-Up\r\n"
                + answer.headers()
                + "Content-Length: "
                + body.length
                + "\r\n\r\n"));
    if (!request.method().equals("HEAD")) {
      out.write(body);
    }
    out.flush();
  }

  /** Until the client goes away, or the proxy is closed. */
  private void awaitGivingUp() throws IOException {
    while (client.getInputStream().read() >= 0) {
      // Whatever it says now is not heard.
    }
  }

  private boolean reset() throws IOException {
    client.setSoLinger(true, 0);
    return false;
  }

  private void sendLate(byte[] message) {
    try {
      if (proxy.waitForDelay()) {
        try (Socket server = proxy.connect()) {
          server.getOutputStream().write(message);
          server.getOutputStream().flush();
          HttpHead.read(new BufferedInputStream(server.getInputStream()));
          proxy.forget(server);
        }
      }
    } catch (IOException e) {
      // The server is gone: then it is lost for good.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Body bodyOf(String head) {
    if (HttpHead.header(head, "Transfer-Encoding").equalsIgnoreCase("chunked")) {
      return new Body.Chunked();
    }
    String length = HttpHead.header(head, "Content-Length");
    return length.isEmpty() ? new Body.None() : new Body.Length(Long.parseLong(length));
  }

  private void copy(Body body, InputStream from, OutputStream to) throws IOException {
    if (body instanceof Body.Length length) {
      copy(length.bytes(), from, to);
    } else if (body instanceof Body.Chunked) {
      copyChunks(from, to);
    }
  }

  private void copy(long bytes, InputStream from, OutputStream to) throws IOException {
    long left = bytes;
    while (left > 0) {
      int read = from.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        throw new EOFException(left + " bytes are missing");
      }
      to.write(buffer, 0, read);
      left -= read;
    }
  }

  private void copyChunks(InputStream from, OutputStream to) throws IOException {
    while (true) {
      String line = line(from);
      to.write(HttpHead.bytes(line));
      long size = Long.parseLong(line.split(";", 2)[0].strip(), 16);
      if (size == 0) {
        // Trailers, to the empty line.
        String trailer;
        do {
          trailer = line(from);
          to.write(HttpHead.bytes(trailer));
        } while (!trailer.equals("\r\n"));
        return;
      }
      copy(size + 2, from, to);
    }
  }

  private static String line(InputStream from) throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.length() < 2 || line.charAt(line.length() - 1) != '\n') {
      int next = from.read();
      if (next < 0) {
        throw new EOFException("a line without an end");
      }
      line.append((char) next);
    }
    return line.toString();
  }
}
