// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.programs.testing;

import java.net.InetSocketAddress;

/** The ways in which a connection can end, or fail to begin. */
public enum Ending {
  CLIENT_CLOSES_FIRST {
    @Override
    public void end(Pair pair) {
      talk(pair);
      pair.client().close();
      pair.server().receiveToEnd();
      pair.server().close();
    }
  },
  SERVER_CLOSES_FIRST {
    @Override
    public void end(Pair pair) {
      talk(pair);
      pair.server().close();
      pair.client().receiveToEnd();
      pair.client().close();
    }
  },
  HALF_CLOSES_THEN_ANSWER {
    @Override
    public void end(Pair pair) {
      talk(pair);
      pair.client().shutdownOutput();
      pair.server().receiveToEnd();
      pair.server().sendAll(new byte[1000]);
      pair.server().close();
      pair.client().receiveToEnd();
      pair.client().close();
    }
  },
  CLIENT_RESETS {
    @Override
    public void end(Pair pair) {
      talk(pair);
      pair.client().resetOnClose().close();
      pair.server().close();
    }
  },
  SERVER_RESETS_WITH_UNREAD_BYTES {
    @Override
    public void end(Pair pair) {
      pair.client().sendAll(new byte[1000]);
      pair.server().sendAll(new byte[1000]);
      pair.server().resetOnClose().close();
      pair.client().close();
    }
  },
  CLIENT_TALKS_TO_A_CLOSED_SERVER {
    @Override
    public void end(Pair pair) {
      talk(pair);
      pair.server().close();
      pair.client().sendAll(new byte[1000]);
      pair.client().close();
    }
  },
  UNREAD_BYTES_ON_BOTH_SIDES {
    @Override
    public void end(Pair pair) {
      pair.client().sendAll(new byte[1000]);
      pair.server().sendAll(new byte[1000]);
      pair.client().close();
      pair.server().close();
    }
  },
  CONNECTS_AGAIN {
    @Override
    public void play(Family family, PosixSocket listener) {
      try (Pair first = Pair.connect(family.clientSocket(), listener, family)) {
        talk(first);
        first.client().disconnect();
        try (Pair second = Pair.connect(first.client(), listener, family)) {
          talk(second);
        }
      }
    }
  },
  NOTHING_WAS_SAID {
    @Override
    public void end(Pair pair) {
      pair.close();
    }
  },
  CLOSED_BEFORE_ACCEPT {
    @Override
    public void play(Family family, PosixSocket listener) {
      try (PosixSocket client = family.clientSocket()) {
        client.connect(destination(family, listener));
        client.sendAll(new byte[100]);
      }
      try (PosixSocket server = listener.accept()) {
        server.receiveToEnd();
      }
    }
  },
  RESET_BEFORE_ACCEPT {
    @Override
    public void play(Family family, PosixSocket listener) {
      try (PosixSocket client = family.clientSocket()) {
        client.connect(destination(family, listener));
        client.sendAll(new byte[100]);
        client.resetOnClose();
      }
      listener.accept().close();
    }
  },
  REFUSED {
    @Override
    public void play(Family family, PosixSocket listener) {
      try (PosixSocket bound = family.serverSocket().bind(family.loopback(), 0);
          PosixSocket client = family.clientSocket()) {
        client.connect(destination(family, bound));
        throw new AssertionError("connected although nobody listens");
      } catch (PosixException e) {
        if (e.errno() != Errno.ECONNREFUSED) {
          throw e;
        }
      }
    }
  },
  LISTENER_CLOSES_UNACCEPTED {
    @Override
    public void play(Family family, PosixSocket listener) {
      try (PosixSocket client = family.clientSocket()) {
        try (PosixSocket own = Pair.listen(family)) {
          client.connect(destination(family, own));
          client.sendAll(new byte[100]);
        }
      }
    }
  };

  /** Runs one connection through; both its ends are closed afterwards. */
  public void play(Family family, PosixSocket listener) {
    try (Pair pair = Pair.connect(family.clientSocket(), listener, family)) {
      end(pair);
    }
  }

  /** Ends a connection that stands; not all endings have one. */
  public void end(Pair pair) {
    throw new UnsupportedOperationException(name() + " has no pair");
  }

  private static void talk(Pair pair) {
    pair.client().sendAll(new byte[100]);
    pair.server().receiveFully(100);
    pair.server().sendAll(new byte[100]);
    pair.client().receiveFully(100);
  }

  private static InetSocketAddress destination(Family family, PosixSocket listener) {
    return new InetSocketAddress(family.loopback(), listener.localAddress().getPort());
  }
}
