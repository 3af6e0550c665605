import Glibc
import Hashing
import StateFile

/// State files. An input is the content; the checksum is added, because no random change would hit it.
extension FuzzReader {
  package static let state = FuzzReader("state", words: stateWords) { (bytes) throws(Finding) in
    let folder = try StateFolder()
    let file = StateFile(path: folder.path)
    try folder.put(bytes)
    try require(read(file) == nil, "a file without the right checksum is accepted")
    try folder.put(bytes + checksum(bytes))
    guard let state = try read(file) else { return }
    try RuleInput.check(state.snapshot)
    do throws(StateFileError) {
      try file.write(state)
    } catch {
      throw Finding("what was read cannot be written: \(error)")
    }
    try require(read(file) == state, "a state changes when it is written")
  }

  /// nil if the file is refused.
  private static func read(_ file: StateFile) throws(Finding) -> SavedState? {
    do throws(StateFileError) {
      return try file.read { (_) throws(StateFileError) in }
    } catch {
      try checkMessage(error.description)
      if case .system(let error) = error { throw Finding("the file cannot be read: \(error)") }
      return nil
    }
  }

  private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
    var hash = RunningSHA256()
    bytes.withUnsafeBytes { hash.add($0) }
    return withUnsafeBytes(of: hash.digest()) { Array($0) }
  }

  private static let stateWords = ["SKPSTATE\0\u{1}", "\u{7f}", "\u{4}\u{a}\0\0\u{1}", "services", "node-a", "http"]
}

/// A folder with one file. It is removed with its owner.
private struct StateFolder: ~Copyable {
  private let folder: String
  var path: String { folder + "/state" }

  init() throws(Finding) {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/fuzz-state-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Finding("no folder in \(parent) for the file: errno \(errno)") }
    folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit {
    unlink(path)
    rmdir(folder)
  }

  func put(_ bytes: [UInt8]) throws(Finding) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { close(file) }
    guard file >= 0, write(file, bytes, bytes.count) == bytes.count else {
      throw Finding("\(path) cannot be written: errno \(errno)")
    }
  }
}
