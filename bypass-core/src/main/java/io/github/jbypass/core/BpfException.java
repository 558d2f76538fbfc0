// SPDX-License-Identifier: Apache-2.0
package io.github.jbypass.core;

import io.github.jbypass.core.internal.Errno;

/**
 * An operation on BPF or on a control group failed. The message names the operation and its object,
 * says why it failed and what to do about it.
 *
 * <p>The subclasses are the failures that a caller may want to treat differently; everything else
 * is a plain {@code BpfException}.
 */
public sealed class BpfException extends RuntimeException
    permits LibraryMissingException,
        PrivilegeException,
        KernelUnsupportedException,
        NotCgroupException,
        NotNetworkNamespaceException,
        PinException,
        IncompatibleProgramException,
        VerifierException,
        MalformedObjectException,
        LayoutMismatchException,
        MapFullException,
        AlreadyExistsException,
        DirectoryInUseException,
        UnsupportedByTypeException,
        IncompatibleMapException,
        BatchFailedException,
        IterationAbortedException,
        CheckFailedException {
  private static final long serialVersionUID = 1L;

  private final String operation;
  private final String object;
  private final int errno;

  /**
   * Describes a failed operation.
   *
   * @param operation what was attempted, such as "attach"
   * @param object what it was attempted on, such as "program accelerate"
   * @param errno the kernel's error number, or 0 if the kernel had no say
   * @param explanation why it failed and what to do
   */
  public BpfException(String operation, String object, int errno, String explanation) {
    super(
        operation
            + " "
            + object
            + ": "
            + explanation
            + (errno == 0 ? "" : " [" + Errno.name(errno) + "]"));
    this.operation = operation;
    this.object = object;
    this.errno = errno;
  }

  /** {@return what was attempted, such as "attach"} */
  public final String operation() {
    return operation;
  }

  /** {@return what it was attempted on, such as "program accelerate"} */
  public final String object() {
    return object;
  }

  /**
   * {@return the kernel's error number (positive), or 0 if the error did not come from the kernel}
   */
  public final int errno() {
    return errno;
  }
}
