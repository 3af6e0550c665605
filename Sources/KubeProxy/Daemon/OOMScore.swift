import Glibc
import Logging

/// Tells the kernel how readily it may end this process when memory runs out (proc(5), oom_score_adj).
enum OOMScore {
  static func apply(_ adjustment: Int, logger: Logger) {
    let path = "/proc/self/oom_score_adj"
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    let text = Array("\(adjustment)".utf8)
    let isWritten = descriptor >= 0 && write(descriptor, text, text.count) == text.count
    let code = errno
    if !isWritten {
      logger.log(
        level: level(for: code), "oom_score_adj could not be set",
        metadata: ["value": "\(adjustment)", "error": "\(String(cString: strerror(code)))"])
    }
    if descriptor >= 0 { close(descriptor) }
  }
  /// In a pod without CAP_SYS_RESOURCE a refusal is expected: the kubelet has set the value for the pod's priority.
  static func level(for code: Int32) -> Logger.Level { code == EACCES || code == EPERM ? .debug : .info }
}
