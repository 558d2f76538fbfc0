// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.chaos.ends;

import io.github.jbypass.programs.RedirectedSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A sidecar: forwards what it accepts. Arguments: where to forward what asks for it by its port
 * {@link #PROXY}, an address and a port. What comes to the other two was meant for elsewhere.
 */
public final class Relay {
  /** What happens to bytes on their way: nothing, but in tests of the test. */
  @FunctionalInterface
  public interface Tampering {
    /** Changes what was read and is about to be written, between position and limit. */
    void with(ByteBuffer bytes);
  }

  /** For clients that know of the sidecar. */
  public static final int PROXY = 9100;

  /** Where the applications' connections are led to. */
  public static final int OUTBOUND = 15_001;

  /** Where those of others are led to. */
  public static final int INBOUND = 15_006;

  private static final int LISTEN = 2048;
  private static final int BUFFER = 32 << 10;

  /** How a line begins that tells of a connection that could not be forwarded. */
  public static final String FAILED = "NOT FORWARDED ";

  private final Tampering tampering;

  private Relay(Tampering tampering) {
    this.tampering = tampering;
  }

  public static void main(String[] arguments) throws InterruptedException, IOException {
    run(arguments, _ -> {});
  }

  /** What {@link #main} does, with bytes changed on their way. */
  public static void run(String[] arguments, Tampering tampering)
      throws InterruptedException, IOException {
    new Relay(tampering).run(arguments);
  }

  private void run(String[] arguments) throws InterruptedException, IOException {
    var server =
        new InetSocketAddress(InetAddress.ofLiteral(arguments[0]), Integer.parseInt(arguments[1]));
    var ready = new CountDownLatch(3);
    Thread.ofVirtual().start(() -> serve(PROXY, client -> forward(client, server, null), ready));
    Thread.ofVirtual()
        .start(
            () ->
                serve(
                    OUTBOUND, client -> forward(client, originalDestination(client), null), ready));
    Thread.ofVirtual()
        .start(
            () ->
                serve(
                    INBOUND,
                    client -> {
                      var application = originalDestination(client);
                      forward(client, application, passthrough(application));
                    },
                    ready));
    ready.await();
    System.out.println(End.READY);
    System.in.transferTo(System.out); // until whoever started this is gone
  }

  /** What is done with an accepted connection. */
  private interface Service {
    void serve(SocketChannel client) throws IOException, InterruptedException;
  }

  private void serve(int port, Service service, CountDownLatch ready) {
    try (var listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(port), LISTEN);
      ready.countDown();
      while (true) {
        var client = listener.accept();
        Thread.ofVirtual().start(() -> serve(client, service));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(SocketChannel client, Service service) {
    try (client) {
      service.serve(client);
    } catch (IOException | InterruptedException e) {
      System.out.println(FAILED + e); // the ends know whether that was to be expected
    }
  }

  private void forward(
      SocketChannel client, InetSocketAddress target, @Nullable InetSocketAddress source)
      throws IOException, InterruptedException {
    try (var server = SocketChannel.open()) {
      server.bind(source).connect(target);
      var answers = Thread.ofVirtual().start(() -> copy(server, client));
      copy(client, server);
      answers.join();
    }
  }

  /** Tells the programs that a connection to the pod's own address is for its application. */
  private static InetSocketAddress passthrough(InetSocketAddress application) {
    return new InetSocketAddress(
        InetAddress.ofLiteral(
            application.getAddress() instanceof Inet4Address ? "127.0.0.6" : "::6"),
        0);
  }

  private static InetSocketAddress originalDestination(SocketChannel client) throws IOException {
    return RedirectedSocket.originalDestination(client)
        .orElseThrow(() -> new IOException("nobody led it here"));
  }

  private void copy(SocketChannel from, SocketChannel to) {
    try {
      var buffer = ByteBuffer.allocate(BUFFER);
      while (from.read(buffer.clear()) >= 0) {
        tampering.with(buffer.flip());
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
      }
      to.shutdownOutput();
    } catch (IOException e) {
      closeBoth(from, to);
    }
  }

  /** Half a connection is of no use: neither end may take it for an end in good order. */
  private static void closeBoth(SocketChannel one, SocketChannel other) {
    try (one;
        other) {
      return;
    } catch (IOException e) {
      System.err.println(e);
    }
  }
}
