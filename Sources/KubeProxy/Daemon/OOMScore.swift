import Glibc
import Logging

/// Tells the kernel how readily it may end this process when memory runs out (proc(5), oom_score_adj).
enum OOMScore {
  static func apply(_ adjustment: Int, logger: Logger) {
    let path = "/proc/self/oom_score_adj"
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    let text = Array("\(adjustment)".utf8)
    let isWritten = descriptor >= 0 && write(descriptor, text, text.count) == text.count
    // Without CAP_SYS_RESOURCE it cannot be lowered; the proxy works all the same.
    if !isWritten {
      logger.info(
        "oom_score_adj could not be set",
        metadata: ["value": "\(adjustment)", "error": "\(String(cString: strerror(errno)))"])
    }
    if descriptor >= 0 { close(descriptor) }
  }
}
