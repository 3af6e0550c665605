import Glibc
import Logging
import System

/// Tells the kernel how likely it should kill this process when memory runs out (proc(5), oom_score_adj).
enum OOMScore {
  static func apply(_ adjustment: Int, logger: Logger) {
    do throws(SystemError) {
      try TextFile.write("\(adjustment)", to: "/proc/self/oom_score_adj")
    } catch {
      logger.log(
        level: level(for: error.code), "oom_score_adj could not be set",
        metadata: ["value": "\(adjustment)", "error": "\(error.reason)"])
    }
  }

  /// In a pod without CAP_SYS_RESOURCE the kernel refuses, which is expected: the kubelet has already set the value.
  static func level(for code: Int32) -> Logger.Level { code == EACCES || code == EPERM ? .debug : .info }
}
