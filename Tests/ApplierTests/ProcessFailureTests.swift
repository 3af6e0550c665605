import Glibc
import IPTables
import ServiceModel
import System
import Testing

@testable import Applier

/// What becomes of an iptables program that cannot be started, or does not end well.
@Suite(.timeLimit(.minutes(1))) struct ProcessFailureTests {
  private static let shortage = SystemError(action: "make a memory file", code: ENFILE)

  /// Programs that are scripts, in a folder of the test's own.
  private func withPrograms<Result>(
    _ script: String, makesErrorFiles: Bool = true, _ body: (SystemIPTables) async throws -> Result
  ) async throws -> Result {
    var template = Array("/tmp/skp-programs-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
    try #require(made)
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { for name in ["iptables-nft-restore", "iptables-nft-save"] { unlink("\(folder)/\(name)") }; rmdir(folder) }
    for name in ["iptables-nft-restore", "iptables-nft-save"] {
      // The kernel executes no file that is open for writing. If this process wrote it, a process that another test is
      // starting could have a copy of the descriptor for a moment. So another process writes the file.
      let text = try MemoryFile("script", holding: "#!/bin/sh\n\(script)\n".utf8)
      let install = Program(["install", "-m", "700", "/dev/stdin", "\(folder)/\(name)"])
      let end = try await install.run(.init(input: .given(try text.duplicate()), output: .nothing, error: .inherited))
      try #require(end.status == .exited(0))
    }
    return try await body(
      SystemIPTables(
        IPTablesPrograms(.nft, directories: [folder]),
        makeErrorFile: { () throws(SystemError) in
          guard makesErrorFiles else { throw Self.shortage }
          return try SystemIPTables.errorFile()
        }))
  }

  /// The pipes that this process has open.
  private func openPipes() -> Int {
    guard let folder = opendir("/proc/self/fd") else { return -1 }
    defer { closedir(folder) }
    var count = 0
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      var target = [UInt8](repeating: 0, count: 64)
      let length = target.withUnsafeMutableBytes { bytes in
        readlink("/proc/self/fd/\(name)", bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
      }
      if length > 0, String(decoding: target.prefix(length), as: UTF8.self).hasPrefix("pipe:") { count += 1 }
    }
    return count
  }

  @Test func `without a file for standard error a list ends at once`() async throws {
    try await withPrograms("echo line", makesErrorFiles: false) { commands in
      let error = await #expect(throws: CommandError.self) { try await commands.save(.ipv4, .nat) { _ in } }
      #expect(error?.cause == .notStarted("\(Self.shortage)"))
    }
  }

  @Test func `a restore that is tried again and again leaves no pipes`() async throws {
    try await withPrograms("cat > /dev/null", makesErrorFiles: false) { commands in
      let before = openPipes()
      for _ in 0..<64 {
        let error = await #expect(throws: CommandError.self) {
          try await commands.restore(.ipv4) { try $0.write(Array("*nat\n".utf8)) }
        }
        #expect(error?.cause == .notStarted("\(Self.shortage)"))
      }
      // Other tests that run at the same time have pipes too.
      #expect(openPipes() - before < 64)
    }
  }

  @Test func `a restore that breaks off leaves no pipes`() async throws {
    try await withPrograms("echo 'line 2 failed' >&2; exit 4") { commands in
      let before = openPipes()
      for _ in 0..<64 {
        let error = await #expect(throws: CommandError.self) {
          try await commands.restore(.ipv4) { try $0.write(Array("*nat\n".utf8)) }
        }
        #expect(error?.cause == .exited(4))
        #expect(error?.failingLine == 2)
      }
      #expect(openPipes() - before < 64)
    }
  }

  @Test func `an error while producing input differs from a process that was not started`() async throws {
    struct Broken: Error {}
    try await withPrograms("cat > /dev/null; echo 'COMMIT expected' >&2; exit 1") { commands in
      let late = await #expect(throws: CommandError.self) {
        try await commands.restore(.ipv4) {
          try $0.write(Array("*nat\n".utf8))
          throw Broken()
        }
      }
      #expect(late?.cause == .inputBroke("Broken()"))
      #expect(late?.standardError == "COMMIT expected\n")
      let early = await #expect(throws: CommandError.self) { try await commands.restore(.ipv4) { _ in throw Broken() } }
      #expect(early?.cause == .notStarted("Broken()"))
    }
  }
}
