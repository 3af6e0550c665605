import Glibc
import ServiceModel

/// Where the programs of a backend are.
public struct IPTablesPrograms: Sendable, Equatable {
  enum Role: String { case restore, save, version }

  let backend: Backend
  /// Words in front of each command line, such as `nsenter --net=/run/netns/node1`.
  let launcher: [String]
  private let directories: [String]

  /// - Parameter launcher: a program with arguments that starts the given one in its own place, so that both have the
  ///   same pid; for use in other network namespaces.
  public init(_ backend: Backend, launcher: [String] = []) {
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    // A daemon's PATH may lack the directories for system programs.
    let directories = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]
    self.init(backend, launcher: launcher, directories: directories)
  }

  /// - Parameter directories: where programs are looked for, in this order.
  init(_ backend: Backend, launcher: [String] = [], directories: [String]) {
    self.backend = backend
    self.launcher = launcher
    self.directories = directories
  }

  /// Whether the backend's own restore program is there, under its explicit name.
  public var areInstalled: Bool { find(name(.ipv4, .restore, explicit: true)) != nil }

  /// What a sync starts, for measuring it by itself; nil where there is no such program.
  public func restoreCommandLine(_ family: IPFamily) -> [String]? {
    commandLine(family, .restore, IPTablesPrograms.restoreArguments)
  }

  /// kube-proxy waits 5 s for the lock of legacy tables. The alarm that ends the wait goes off also when the lock was
  /// had long ago (iptables 1.8.9), and ends the input of one that is just waiting for more: a large table would fail.
  static let restoreArguments = ["-w", "600", "--noflush", "--counters"]

  /// The command line for a role: the program whose name says the backend, else (on hosts that have one backend only)
  /// the one with the plain name. nil where there is neither.
  func commandLine(_ family: IPFamily, _ role: Role, _ arguments: [String]) -> [String]? {
    let names = [name(family, role, explicit: true), name(family, role, explicit: false)]
    guard let path = names.lazy.compactMap(find).first else { return nil }
    return launcher.map { find($0) ?? $0 } + [path] + arguments
  }

  /// As a person would write it, for errors.
  func description(_ family: IPFamily, _ role: Role, _ arguments: [String]) -> String {
    (launcher + [name(family, role, explicit: true)] + arguments).joined(separator: " ")
  }

  private func name(_ family: IPFamily, _ role: Role, explicit: Bool) -> String {
    let base = family == .ipv4 ? "iptables" : "ip6tables"
    let middle = explicit ? "-\(backend.rawValue)" : ""
    return role == .version ? base + middle : "\(base)\(middle)-\(role.rawValue)"
  }

  private func find(_ name: String) -> String? {
    guard !name.contains("/") else { return name }
    return directories.lazy.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }
}
