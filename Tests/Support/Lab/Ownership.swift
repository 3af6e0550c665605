import Glibc
import System

/// A lab's claim to a prefix of namespace names: a locked file. The kernel unlocks it even if the owner is killed.
final class Ownership: Sendable {
  static let directory = "/run/kube-lab"

  /// All names of the lab's namespaces begin with it.
  let prefix: String
  private let path: String
  private let descriptor: Int32

  /// Removes what ended labs left behind, and claims a prefix that contains the id of this process.
  ///
  /// Blocks while another lab does the same. Otherwise that lab could find the new file before it is locked, and remove
  /// it.
  init() throws {
    if mkdir(Ownership.directory, 0o700) < 0 && errno != EEXIST {
      throw SystemError(action: "make \(Ownership.directory)", code: errno)
    }
    let folder = try SystemError.check(
      open(Ownership.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open \(Ownership.directory)")
    defer { close(folder) }
    try SystemError.check(flock(folder, LOCK_EX), "lock \(Ownership.directory)")
    try Ownership.removeLeftovers()
    for number in 1...1000 {
      let prefix = "kl\(getpid())x\(number)"
      let path = "\(Ownership.directory)/\(prefix).lock"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      if descriptor < 0 && errno == EEXIST { continue }
      try SystemError.check(descriptor, "make \(path)")
      try SystemError.check(flock(descriptor, LOCK_EX | LOCK_NB), "lock \(path)")
      self.prefix = prefix
      self.path = path
      self.descriptor = descriptor
      return
    }
    throw LabError.unusable("too many labs in one process")
  }

  /// Call this after the namespaces have been removed.
  func release() {
    unlink(path)
    close(descriptor)
  }

  /// Removes the namespaces of labs whose owner ended without a clean-up, and the programs that still run in them.
  private static func removeLeftovers() throws {
    for file in names(in: directory) where file.hasSuffix(".lock") {
      let path = "\(directory)/\(file)"
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
      try removeNamespaces(prefix: String(file.dropLast(".lock".count)))
      unlink(path)
    }
  }

  /// Kills the programs in the namespaces of a prefix and deletes the namespaces.
  static func removeNamespaces(prefix: String) throws {
    let namespaces = names(in: NetworkNamespace.directory).filter { $0.hasPrefix("\(prefix)-") }.sorted()
    for namespace in namespaces {
      let output = try Command(["ip", "netns", "pids", namespace]).runBlocking().output
      // A thread of a lab that is still inside belongs to this process. It ends when its work is done.
      for pid in output.split(separator: "\n").compactMap({ pid_t($0) }) where pid != getpid() { kill(pid, SIGKILL) }
    }
    let batch = namespaces.map { "netns del \($0)\n" }.joined()
    let command = Command(["ip", "-batch", "-"], input: batch)
    _ = try Command.checked(command, try command.runBlocking())
  }

  private static func names(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var result: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { result.append(name) }
    }
    return result
  }
}
