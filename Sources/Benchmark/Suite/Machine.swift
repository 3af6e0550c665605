import Applier
import Glibc
import System

/// The machine on which the figures were measured.
package struct Machine: Sendable, Codable, Equatable {
  var processors: Int
  var processor: String
  var memoryBytes: Double
  package var kernel: String
  package var iptables: String

  static func current() -> Machine {
    let cpus = (try? TextFile.read("/proc/cpuinfo")) ?? ""
    let memory = (try? TextFile.read("/proc/meminfo")) ?? ""
    let model = cpus.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
    let kernel = (try? TextFile.read("/proc/sys/kernel/osrelease")) ?? "?"
    return Machine(
      processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
      processor: model.map { String($0.drop { $0 == " " }) } ?? "?",
      memoryBytes: (try? MemoryJob.field("MemTotal", memory)) ?? .nan,
      kernel: kernel.split(separator: "-").first.map { String($0.prefix { $0 != "\n" }) } ?? "?",
      iptables: iptablesVersion())
  }

  private static func iptablesVersion() -> String {
    guard let output = try? MemoryFile("version"),
      (try? Program(["iptables-nft", "--version"]).succeed(output: output)) != nil, let text = try? output.text()
    else { return "?" }
    let words = text.split(whereSeparator: \.isWhitespace)
    return words.count > 1 ? String(words[1].drop { $0 == "v" }) : "?"
  }
}
