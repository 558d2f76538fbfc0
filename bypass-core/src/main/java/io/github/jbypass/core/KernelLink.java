// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Fd;

/**
 * An attachment that the kernel keeps as a bpf_link: it ends when its descriptor is closed, at the
 * latest with the process. For control groups kernel 5.7, for socket maps kernel 6.10.
 */
public final class KernelLink implements BpfLink {
  private final Fd fd;
  private final String description;

  KernelLink(int fd, String description) {
    this.description = description;
    this.fd = new Fd(fd, description);
  }

  @Override
  public String toString() {
    return "link of " + description;
  }

  @Override
  public void close() {
    fd.close();
  }
}
