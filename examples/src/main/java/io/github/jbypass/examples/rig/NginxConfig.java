// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The configuration of an nginx that serves files and never ends a connection by itself. */
final class NginxConfig {
  static final int PORT = 8080;
  static final int HTTP2_PORT = 8081;

  private NginxConfig() {}

  /** For {@link #PORT} and {@link #HTTP2_PORT}. */
  static String text(Path directory) {
    return text(directory, Integer.toString(PORT), HTTP2_PORT + " http2");
  }

  /**
   * All that nginx writes goes below {@code directory}; the files served are in its {@code www}.
   *
   * @param listen where, each as nginx has it
   */
  static String text(Path directory, String... listen) {
    return """
    daemon off;
    worker_processes 1;
    worker_rlimit_nofile 10000;
    error_log stderr error;
    pid %1$s/nginx.pid;

    events {
        worker_connections 5000;
    }

    http {
        access_log off;
        sendfile on;
        tcp_nopush on;
        keepalive_timeout 1h;
        keepalive_requests 1000000000;
        client_body_temp_path %1$s/body;
        proxy_temp_path %1$s/proxy;
        fastcgi_temp_path %1$s/fastcgi;
        uwsgi_temp_path %1$s/uwsgi;
        scgi_temp_path %1$s/scgi;

        root %1$s/www;
    %2$s
    }
    """
        .formatted(
            directory,
            Stream.of(listen)
                .map("        server { listen %s; }\n"::formatted)
                .collect(Collectors.joining()));
  }
}
