import Glibc
import Hashing
import ServiceModel
import System

/// A file with the last known state of a cluster.
package struct StateFile: Sendable {
  package let path: String

  package init(path: String) { self.path = path }

  /// Replaces the file in one step. A reader finds the whole old state or the whole new state, also after a power
  /// failure. Blocks until the data are on the disk.
  /// - Returns: the size in bytes.
  @discardableResult
  package func write(_ state: SavedState) throws(StateFileError) -> Int {
    try checkReplaceable()
    let temporary = path + ".tmp"
    let descriptor = try claim(temporary)
    let size: Int
    do throws(StateFileError) {
      var output = StateOutput { (bytes) throws(StateFileError) in
        try StateFileError.wrap { () throws(SystemError) in try descriptor.write(bytes) }
      }
      try output.state(state)
      size = try output.finish()
      try StateFileError.wrap { () throws(SystemError) in
        try SystemError.check(fsync(descriptor.number), "fsync \(temporary)")
        try SystemError.check(rename(temporary, path), "rename \(temporary)")
      }
    } catch {
      // The disk may be full, and an incomplete file would keep space occupied.
      unlink(temporary)
      throw error
    }
    // The temporary file has its new name. Another file of the old name belongs to another writer.
    try syncDirectory()
    return size
  }

  /// Reads the file.
  /// - Parameter accept: checks the header before the rest is read, and throws if the state must not be used.
  package func read(
    accepting accept: (StateHeader) throws(StateFileError) -> Void
  ) throws(StateFileError) -> SavedState {
    let descriptor = try open()
    let size = try verify(descriptor)
    try StateFileError.wrap { () throws(SystemError) in
      try SystemError.check(lseek(descriptor.number, off_t(StateFormat.prefixSize), SEEK_SET), "rewind \(path)")
    }
    var input = StateInput(size: size - StateFormat.prefixSize - StateFormat.checksumSize) {
      (count) throws(StateFileError) in
      try StateFile.read(descriptor, atMost: count)
    }
    let header = try input.header()
    try accept(header)
    return SavedState(header: header, snapshot: try input.snapshot())
  }
}

/// Reading.
extension StateFile {
  /// Opens the file. Does not follow a symbolic link, and does not wait for the writer of a pipe.
  private func open() throws(StateFileError) -> Descriptor {
    let descriptor = try existing()
    var info = stat()
    try StateFileError.wrap { () throws(SystemError) in
      try SystemError.check(fstat(descriptor.number, &info), "stat \(path)")
    }
    guard info.st_mode & S_IFMT == S_IFREG else { throw .notOurs("it is not a regular file") }
    guard info.st_uid == geteuid() else { throw .notOurs("it belongs to user \(info.st_uid)") }
    guard info.st_mode & 0o022 == 0 else { throw .notOurs("users other than its owner can write it") }
    return descriptor
  }

  private func existing() throws(StateFileError) -> Descriptor {
    do throws(SystemError) {
      return try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    } catch {
      throw error.code == ENOENT ? .missing : .system(error)
    }
  }

  /// Checks the magic bytes, the version and the checksum. Returns the file's size.
  private func verify(_ descriptor: borrowing Descriptor) throws(StateFileError) -> Int {
    let prefix = try StateFile.read(descriptor, atMost: StateFormat.prefixSize)
    guard StateFormat.magic.starts(with: prefix.prefix(StateFormat.magic.count)) else {
      throw .notOurs("it does not begin with SKPSTATE")
    }
    guard prefix.count == StateFormat.prefixSize else { throw .damaged }
    let version = Int(prefix[8]) << 8 | Int(prefix[9])
    guard version <= StateFormat.version else { throw .newerVersion(version) }
    guard version == StateFormat.version else { throw .damaged }

    var hash = RunningSHA256()
    prefix.withUnsafeBytes { hash.add($0) }
    // The bytes that were read but not hashed. The last bytes of the file are the checksum, which is not hashed.
    var tail: [UInt8] = []
    var size = prefix.count
    while case let bytes = try StateFile.read(descriptor, atMost: StateFormat.bufferSize), !bytes.isEmpty {
      size += bytes.count
      guard size <= StateFormat.byteLimit else { throw .tooLarge }
      tail += bytes
      let known = max(0, tail.count - StateFormat.checksumSize)
      tail.withUnsafeBytes { hash.add(UnsafeRawBufferPointer(rebasing: $0[..<known])) }
      tail.removeFirst(known)
    }
    let digest = hash.digest()
    guard withUnsafeBytes(of: digest, { $0.elementsEqual(tail) }) else { throw .damaged }
    return size
  }

  private static func read(_ descriptor: borrowing Descriptor, atMost count: Int) throws(StateFileError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    do throws(SystemError) {
      let got = try descriptor.read(into: &buffer)
      buffer.removeLast(count - got)
    } catch {
      throw .system(error)
    }
    return buffer
  }
}

/// Writing.
extension StateFile {
  /// Throws if the file at the path is not a state file, because a wrong setting must not destroy another file.
  private func checkReplaceable() throws(StateFileError) {
    let descriptor: Descriptor
    do throws(StateFileError) { descriptor = try open() } catch .missing { return }
    let prefix = try StateFile.read(descriptor, atMost: StateFormat.magic.count)
    // A system that crashed may leave an empty file.
    guard prefix.isEmpty || prefix == StateFormat.magic else { throw .notOurs("it does not begin with SKPSTATE") }
  }

  /// Opens and empties the temporary file, and locks it for this process. When the process ends, in any way, the kernel
  /// closes the descriptor and releases the lock.
  private func claim(_ temporary: String) throws(StateFileError) -> Descriptor {
    let descriptor = try StateFileError.wrap { () throws(SystemError) in
      try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode: 0o600)
    }
    guard flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 else { throw .busy }
    var (opened, named) = (stat(), stat())
    // If another process renamed the file between the two calls, the opened file is now the state file.
    guard fstat(descriptor.number, &opened) == 0, lstat(temporary, &named) == 0, opened.st_ino == named.st_ino,
      opened.st_dev == named.st_dev
    else { throw .busy }
    guard opened.st_mode & S_IFMT == S_IFREG, opened.st_uid == geteuid() else {
      throw .notOurs("\(temporary) is not a regular file of this user")
    }
    try StateFileError.wrap { () throws(SystemError) in
      try SystemError.check(fchmod(descriptor.number, 0o600), "set the mode of \(temporary)")
      try SystemError.check(ftruncate(descriptor.number, 0), "empty \(temporary)")
    }
    return descriptor
  }

  /// The rename is on the disk only after the directory was written to the disk.
  private func syncDirectory() throws(StateFileError) {
    let end = path.lastIndex(of: "/")
    let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    try StateFileError.wrap { () throws(SystemError) in
      let descriptor = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
      try SystemError.check(fsync(descriptor.number), "fsync \(directory)")
    }
  }
}
