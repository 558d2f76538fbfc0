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

        upstream outbound {
            server %2$s;
            keepalive 1000;
            keepalive_requests 1000000000;
        }
        upstream inbound {
            server %2$s;
            keepalive 1000;
            keepalive_requests 1000000000;
        }
        server {
            listen %3$d;
            location / {
                proxy_pass http://outbound;
            }
        }
        server {
            listen %4$d;
            location / {
                proxy_bind %5$s;
                proxy_pass http://inbound;
            }
        }
    }
    """
        .formatted(
            directory,
            server,
            HaProxyConfig.OUTBOUND_PORT,
            HaProxyConfig.INBOUND_PORT,
            HaProxyConfig.PASSTHROUGH);
  }
}
