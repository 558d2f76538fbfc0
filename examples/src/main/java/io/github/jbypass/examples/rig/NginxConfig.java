// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.nio.file.Path;

/** The configuration of an nginx that serves files and never ends a connection by itself. */
final class NginxConfig {
  static final int PORT = 8080;
  static final int HTTP2_PORT = 8081;

  private NginxConfig() {}

  /**
   * All that nginx writes goes below {@code directory}; the files served are in its {@code www}.
   */
  static String text(Path directory) {
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

        server {
            listen %2$d;
            root %1$s/www;
        }
        server {
            listen %3$d http2;
            root %1$s/www;
        }
    }
    """
        .formatted(directory, PORT, HTTP2_PORT);
  }
}
