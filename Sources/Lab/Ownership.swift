import Glibc

/// A lab's claim on its namespaces' common prefix: a locked file, which the kernel unlocks however its owner ends.
final class Ownership: Sendable {
  static let directory = "/run/kube-lab"

  /// What all namespaces of the lab begin with.
  let prefix: String
  private let path: String
  private let descriptor: Int32

  /// Claims a prefix that has this process' id in it.
  init() throws(LabError) {
    if mkdir(Ownership.directory, 0o700) < 0 && errno != EEXIST {
      throw .system(action: "make \(Ownership.directory)", code: errno)
    }
    for number in 1...1000 {
      let prefix = "kl\(getpid())x\(number)"
      let path = "\(Ownership.directory)/\(prefix).lock"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      if descriptor < 0 && errno == EEXIST { continue }
      try check(descriptor, "make \(path)")
      try check(flock(descriptor, LOCK_EX | LOCK_NB), "lock \(path)")
      self.prefix = prefix
      self.path = path
      self.descriptor = descriptor
      return
    }
    throw .unusable("too many labs in one process")
  }

  /// After the namespaces are gone.
  func release() {
    unlink(path)
    close(descriptor)
  }

  /// Removes the namespaces, and what still runs in them, of labs whose owner ended without doing it.
  static func removeLeftovers() throws {
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

  /// Ends what runs in the namespaces of a prefix, and deletes them.
  static func removeNamespaces(prefix: String) throws(LabError) {
    let namespaces = names(in: NetworkNamespace.directory).filter { $0.hasPrefix("\(prefix)-") }.sorted()
    for namespace in namespaces {
      let output = try Command(["ip", "netns", "pids", namespace]).runBlocking().output
      // A lab's thread that stays inside belongs to this process: it ends with its work.
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
