import Glibc
import Logging

/// Tells the kernel how likely it should kill this process when memory runs out (proc(5), oom_score_adj).
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
  /// In a pod without CAP_SYS_RESOURCE the kernel refuses, which is expected: the kubelet has already set the value.
  static func level(for code: Int32) -> Logger.Level { code == EACCES || code == EPERM ? .debug : .info }
}
