import Glibc
import System

/// What /proc says about this process (proc_pid_stat(5), proc_pid_net(5)).
struct ProcessStatus: Sendable, Equatable {
  let cpuSeconds: Double
  let virtualBytes: Int
  let residentBytes: Int
  /// Seconds since 1970; nil if the boot time is not known.
  let startTime: Double?

  static func read() -> ProcessStatus? {
    guard let stat = try? TextFile.read("/proc/self/stat") else { return nil }
    return ProcessStatus(
      stat: stat, kernel: (try? TextFile.read("/proc/stat")) ?? "", ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)),
      pageSize: sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Reads the contents of /proc/self/stat and /proc/stat. nil if /proc/self/stat is malformed.
  init?(stat: String, kernel: String, ticksPerSecond: Int, pageSize: Int) {
    // The second field is the command name in parentheses. The name itself may contain spaces and parentheses.
    guard let end = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[stat.index(after: end)...].split(whereSeparator: \.isWhitespace)
    guard fields.count > 21, let user = Int(fields[11]), let system = Int(fields[12]), let start = Int(fields[19]),
      let virtual = Int(fields[20]), let pages = Int(fields[21])
    else { return nil }
    cpuSeconds = Double(user + system) / Double(ticksPerSecond)
    virtualBytes = virtual
    residentBytes = pages * pageSize
    let boot = kernel.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
    startTime = boot.map { $0 + Double(start) / Double(ticksPerSecond) }
  }

  static func openFiles() -> Int? {
    guard let directory = opendir("/proc/self/fd") else { return nil }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    // Do not count ".", ".." and the descriptor of this directory.
    return count - 3
  }

  /// A resource's soft limit. `RLIM_INFINITY` becomes 2^64 - 1, as in the Prometheus clients.
  static func limit(_ resource: __rlimit_resource) -> Double? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { return nil }
    return Double(limit.rlim_cur)
  }

  struct NetworkBytes: Sendable, Equatable {
    var received: Double
    var sent: Double
  }

  /// Bytes of IP packets in the process's network namespace, as the Go client reports them.
  static func networkBytes() -> NetworkBytes? {
    (try? TextFile.read("/proc/self/net/netstat")).flatMap(networkBytes(netstat:))
  }

  static func networkBytes(netstat: String) -> NetworkBytes? {
    let lines = netstat.split(separator: "\n").filter { $0.hasPrefix("IpExt:") }
    guard lines.count == 2 else { return nil }
    let names = lines[0].split(separator: " ")
    let values = lines[1].split(separator: " ")
    func value(_ name: String) -> Double? {
      names.firstIndex { $0 == name }.flatMap { $0 < values.count ? Double(values[$0]) : nil }
    }
    guard let received = value("InOctets"), let sent = value("OutOctets") else { return nil }
    return NetworkBytes(received: received, sent: sent)
  }
}
