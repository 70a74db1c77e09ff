// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Stands before a server and makes it further away: what clients send arrives later, what it
 * answers does not. So a request takes that much longer, and the bandwidth stays what it is.
 */
public final class LatencyProxy implements Closeable {
  private static final int CHUNK = 1 << 18;

  private final ServerSocket listener;
  private final URI upstream;
  private final Duration latency;
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final LongAdder answered = new LongAdder();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  private LatencyProxy(ServerSocket listener, URI upstream, Duration latency) {
    this.listener = listener;
    this.upstream = upstream;
    this.latency = latency;
  }

  /** Begins to listen, on a free port. */
  public static LatencyProxy before(URI upstream, Duration latency) throws IOException {
    ServerSocket listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    LatencyProxy proxy = new LatencyProxy(listener, upstream, latency);
    proxy.executor.execute(proxy::accept);
    return proxy;
  }

  /** Where clients are to go. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** Bytes that the server has answered so far, the heads of its answers among them. */
  public long answered() {
    return answered.sum();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        sockets.add(client);
        Socket server = new Socket(upstream.getHost(), upstream.getPort());
        sockets.add(server);
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        executor.execute(() -> pass(client, server, latency, new LongAdder()));
        executor.execute(() -> pass(server, client, Duration.ZERO, answered));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  /** A request is one chunk, as a rule: its bytes are late together. */
  private void pass(Socket from, Socket to, Duration late, LongAdder bytes) {
    byte[] chunk = new byte[CHUNK];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        TimeUnit.NANOSECONDS.sleep(late.toNanos());
        bytes.add(read);
        out.write(chunk, 0, read);
      }
    } catch (IOException e) {
      // One of them has hung up; both ends are closed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    executor.shutdownNow();
  }
}
