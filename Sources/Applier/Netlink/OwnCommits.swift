import CLinux
import Glibc
import Netlink

/// Tells this program's own commits to nf_tables from those of other programs.
///
/// The port of a message is the pid of iptables in its own pid namespace. A process in another pid namespace, such as a
/// container's, can have the same pid. So a port counts only for the commits that were made while the restore process
/// with this pid lived, and only for one process of the host.
struct OwnCommits: Sendable {
  struct Commit: Sendable {
    /// The netlink port of the socket that made the commit.
    var port: UInt32
    /// The pid of the process in the initial pid namespace; nil if the kernel does not tell it.
    var pid: Int32?
    var generation: UInt32

    init(port: UInt32, pid: Int32?, generation: UInt32) {
      self.port = port
      self.pid = pid
      self.generation = generation
    }

    /// - Parameter message: NFT_MSG_NEWGEN.
    init(_ message: NetlinkMessage) {
      port = message.port
      pid = message.number(NFTA_GEN_PROC_PID.rawValue, UInt32.self).map(Int32.init(bitPattern:))
      generation = message.number(NFTA_GEN_ID.rawValue, UInt32.self) ?? 0
    }
  }

  enum Origin: Sendable, Equatable {
    case own
    case foreign
    /// Foreign, from a port that `PortFilter` may have taken for an own one. So messages about what changed may be
    /// missing.
    case foreignAndFiltered
  }

  /// A restore process, and the generations before and after it.
  private struct Process {
    let pid: Int32
    /// nil if it is not known, or if the process ran before this program listened.
    let before: UInt32?
    var hasEnded = false
    var after: UInt32?
    /// The pid in the initial pid namespace, as the first commit showed it.
    var hostPID: Int32?

    func mayHaveMade(_ commit: Commit) -> Bool {
      if let before, !commit.generation.isAfter(before) { return false }
      if let after, commit.generation.isAfter(after) { return false }
      return true
    }
  }

  /// Whether this program's pids are those that the kernel reports.
  private let isInInitialNamespace: Bool
  private var processes: [Process] = []
  private var lastSeen: UInt32?

  init(isInInitialNamespace: Bool) { self.isInInitialNamespace = isInInitialNamespace }

  /// Records a restore process before it gets input.
  /// - Parameter generation: the kernel's current one; nil if it could not be read.
  mutating func began(_ pid: Int32, after generation: UInt32?) {
    endUnknown(at: generation)
    processes.append(Process(pid: pid, before: generation))
  }

  /// Records the end of a restore process.
  /// - Parameter generation: the kernel's current one. If it could not be read, the next one that is known counts.
  mutating func ended(_ pid: Int32, before generation: UInt32?) {
    for index in processes.indices where processes[index].pid == pid { processes[index].hasEnded = true }
    endUnknown(at: generation)
  }

  private mutating func endUnknown(at generation: UInt32?) {
    guard let generation else { return }
    for index in processes.indices where processes[index].hasEnded && processes[index].after == nil {
      processes[index].after = generation
    }
    forgetPassed()
  }

  /// Commits must be passed in their order.
  mutating func origin(of commit: Commit) -> Origin {
    defer {
      lastSeen = commit.generation
      forgetPassed()
    }
    if isInInitialNamespace, let pid = commit.pid {
      if processes.contains(where: { $0.pid == pid && $0.mayHaveMade(commit) }) { return .own }
      return hasPort(of: commit) ? .foreignAndFiltered : .foreign
    }
    for index in processes.indices where isPort(of: processes[index], commit) {
      let hostPID = processes[index].hostPID
      if let hostPID, let pid = commit.pid, hostPID != pid { continue }
      processes[index].hostPID = hostPID ?? commit.pid
      return .own
    }
    return hasPort(of: commit) ? .foreignAndFiltered : .foreign
  }

  private func hasPort(of commit: Commit) -> Bool { processes.contains { isPort(of: $0, commit) } }

  private func isPort(of process: Process, _ commit: Commit) -> Bool {
    process.pid == Int32(bitPattern: commit.port) && process.mayHaveMade(commit)
  }

  /// Forgets the processes all of whose commits have been passed to `origin(of:)`.
  private mutating func forgetPassed() {
    guard let lastSeen else { return }
    processes.removeAll { process in process.after.map { !$0.isAfter(lastSeen) } ?? false }
  }

  /// The number of processes that are still needed.
  var count: Int { processes.count }

  /// Whether this process's pids are those of the initial pid namespace. Its inode has a fixed number
  /// (PROC_PID_INIT_INO).
  static var isInInitialNamespace: Bool {
    var status = stat()
    return stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == 0xEFFF_FFFC
  }
}

extension UInt32 {
  /// Whether this generation is later. The kernel's counter starts again at 1 after its largest value.
  fileprivate func isAfter(_ other: UInt32) -> Bool { Int32(bitPattern: self &- other) > 0 }
}
