// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.hadoop.store;

import dev.lakestream.store.StoreRefusedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import org.apache.hadoop.hdfs.protocol.QuotaExceededException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.UserGroupInformation;

/** Says what the exceptions of Hadoop's clients mean to a user. */
final class HadoopErrors {
  private static final int LONGEST = 300;

  private final URI root;

  HadoopErrors(URI root) {
    this.root = root;
  }

  /** The error for an operation, such as {@code put of log/1.json}, that was not carried out. */
  IOException of(String what, IOException e) {
    String failed = what + " failed in " + root + ": ";
    if (e instanceof StoreRefusedException) {
      return e;
    }
    if (isInterrupt(e)) {
      InterruptedIOException interrupted = new InterruptedIOException(failed + "interrupted");
      interrupted.initCause(e);
      return interrupted;
    }
    if (causedBy(e, AccessControlException.class) || causedBy(e, AccessDeniedException.class)) {
      return refused(
          failed + "the user " + user() + " may not (" + brief(e) + "); see to its permissions", e);
    }
    if (causedBy(e, "SafeModeException")) {
      return refused(
          failed
              + "the NameNode is in safe mode and changes nothing; wait until it has left it, or see"
              + " 'hdfs dfsadmin -safemode get'",
          e);
    }
    if (causedBy(e, "StandbyException")) {
      return refused(
          failed
              + "this NameNode is a standby; name the nameservice (hdfs://<nameservice>/…) that"
              + " hdfs-site.xml describes instead of one NameNode",
          e);
    }
    if (causedBy(e, QuotaExceededException.class)) {
      return refused(failed + "its quota is used up (" + brief(e) + ")", e);
    }
    if (causedBy(e, "UnknownStoreException")) {
      return refused(
          failed + "there is no such bucket; create it, or mend the URI or the endpoint", e);
    }
    if (causedBy(e, "NoAuthWithAWSException") || causedBy(e, "CredentialInitializationException")) {
      return refused(
          failed
              + "S3A found no credentials; see fs.s3a.aws.credentials.provider, and set what it"
              + " names",
          e);
    }
    if (causedBy(e, UnknownHostException.class)
        || causedBy(e, ConnectException.class)
        || causedBy(e, NoRouteToHostException.class)) {
      return refused(
          failed + "nobody can be reached there (" + brief(e) + "); mend the URI, or start it", e);
    }
    return new IOException(failed + brief(e), e);
  }

  private static boolean isInterrupt(IOException e) {
    // A time-out is one of them, by its class.
    return causedBy(e, ClosedByInterruptException.class)
        || (causedBy(e, InterruptedIOException.class)
            && !causedBy(e, SocketTimeoutException.class));
  }

  private static StoreRefusedException refused(String message, IOException e) {
    return new StoreRefusedException(message, e);
  }

  private static String user() {
    try {
      return "'" + UserGroupInformation.getCurrentUser().getShortUserName() + "'";
    } catch (IOException e) {
      return "of this process";
    }
  }

  static boolean causedBy(Throwable e, Class<? extends Throwable> type) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      Throwable unwrapped =
          cause instanceof RemoteException remote ? remote.unwrapRemoteException() : cause;
      if (type.isInstance(unwrapped)) {
        return true;
      }
    }
    return false;
  }

  /** For those whose class a client need not have. */
  static boolean causedBy(Throwable e, String simpleName) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      String name =
          cause instanceof RemoteException remote
              ? String.valueOf(remote.getClassName())
              : cause.getClass().getName();
      if (name.endsWith("." + simpleName) || name.endsWith("$" + simpleName)) {
        return true;
      }
    }
    return false;
  }

  /** What it says, in one line: that of a server comes with the server's stack. */
  static String brief(Throwable e) {
    String message = String.valueOf(e.getMessage()).strip();
    String line = message.lines().findFirst().orElse(e.getClass().getSimpleName());
    return line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
  }
}
