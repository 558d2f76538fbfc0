// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.examples.rig;

import java.nio.file.Path;

/** The configuration of an nginx that serves a pod as its sidecar. */
final class NginxSidecarConfig {
  private NginxSidecarConfig() {}

  /**
   * nginx does not ask where a connection was meant to go: both sides forward to one server.
   *
   * @param directory that the sidecar's user can write to
   */
  static String text(Path directory, String server) {
    return config(
        directory,
        forward("outbound", Integer.toString(HaProxyConfig.OUTBOUND_PORT), server, ""),
        forward(
            "inbound",
            Integer.toString(HaProxyConfig.INBOUND_PORT),
            server,
            "proxy_bind %s;".formatted(HaProxyConfig.PASSTHROUGH)));
  }

  /** From one Unix-domain socket to another. */
  static String text(Path directory, Path from, Path to) {
    return config(directory, forward("next", "unix:" + from, "unix:" + to, ""));
  }

  private static String config(Path directory, String... forwards) {
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
        keepalive_timeout 1h;
        keepalive_requests 1000000000;
        client_body_temp_path %1$s/body;
        proxy_temp_path %1$s/proxy;
        fastcgi_temp_path %1$s/fastcgi;
        uwsgi_temp_path %1$s/uwsgi;
        scgi_temp_path %1$s/scgi;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_buffers 16 16k;
        proxy_max_temp_file_size 0;
    %2$s
    }
    """
        .formatted(directory, String.join("", forwards));
  }

  private static String forward(String name, String listen, String server, String option) {
    return """

        upstream %1$s {
            server %3$s;
            keepalive 1000;
            keepalive_requests 1000000000;
        }
        server {
            listen %2$s;
            location / {
                %4$s
                proxy_pass http://%1$s;
            }
        }
    """
        .formatted(name, listen, server, option);
  }
}
