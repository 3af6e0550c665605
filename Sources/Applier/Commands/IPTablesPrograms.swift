import Glibc
import ServiceModel

/// The paths of a backend's programs.
package struct IPTablesPrograms: Sendable, Equatable {
  enum Role: String { case restore, save, version, list }

  let backend: Backend
  /// Words before each command line, such as `nsenter --net=/run/netns/node1`.
  let launcher: [String]
  private let directories: [String]

  /// - Parameter launcher: a program with arguments that executes the iptables program in its own process, so that both
  ///   have the same pid. It is used for other network namespaces.
  package init(_ backend: Backend, launcher: [String] = []) {
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    // A daemon's PATH may lack the directories for system programs.
    let directories = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]
    self.init(backend, launcher: launcher, directories: directories)
  }

  /// - Parameter directories: where to look for programs, in this order.
  init(_ backend: Backend, launcher: [String] = [], directories: [String]) {
    self.backend = backend
    self.launcher = launcher
    self.directories = directories
  }

  /// Whether the backend's restore program exists under the name that includes the backend.
  package var areInstalled: Bool { find(name(.ipv4, .restore, explicit: true)) != nil }

  /// The command line that a sync starts, for measuring it alone; nil if there is no such program.
  package func restoreCommandLine(_ family: IPFamily) -> [String]? {
    commandLine(family, .restore, IPTablesPrograms.restoreArguments)
  }

  /// kube-proxy waits up to 5 s for the lock of legacy tables. In iptables 1.8.9 the alarm that limits this wait also
  /// fires after iptables-restore has got the lock, and then ends a process that waits for more input. With 5 s the
  /// restore of a large table would fail, so the limit is 600 s.
  static let restoreArguments = ["-w", "600", "--noflush", "--counters"]

  /// The command line for a role. It uses the program whose name includes the backend. If the host has only one
  /// backend, it uses the program with the plain name. nil if there is neither.
  func commandLine(_ family: IPFamily, _ role: Role, _ arguments: [String]) -> [String]? {
    let names = [name(family, role, explicit: true), name(family, role, explicit: false)]
    guard let path = names.lazy.compactMap(find).first else { return nil }
    return launcher.map { find($0) ?? $0 } + [path] + arguments
  }

  /// The command line as a user would type it, for errors.
  func description(_ family: IPFamily, _ role: Role, _ arguments: [String]) -> String {
    (launcher + [name(family, role, explicit: true)] + arguments).joined(separator: " ")
  }

  private func name(_ family: IPFamily, _ role: Role, explicit: Bool) -> String {
    let base = family == .ipv4 ? "iptables" : "ip6tables"
    let middle = explicit ? "-\(backend.rawValue)" : ""
    return switch role {
    case .version, .list: base + middle
    case .restore, .save: "\(base)\(middle)-\(role.rawValue)"
    }
  }

  private func find(_ name: String) -> String? {
    guard !name.contains("/") else { return name }
    return directories.lazy.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }
}
