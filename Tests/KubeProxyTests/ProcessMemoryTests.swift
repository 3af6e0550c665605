import Testing

@testable import KubeProxy

@Suite struct ProcessMemoryTests {
  /// Kilobytes of mapped files that are resident.
  private func mapped() throws -> Int {
    let status = try #require(TextFile.read("/proc/self/status"))
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
    return try #require(line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
  }

  @Test func `code that is not running is forgotten, and there when it is needed again`() throws {
    let before = try mapped()
    ProcessMemory.forgetCode()
    let after = try mapped()
    #expect(after < before)
    #expect(ProcessStatus.read() != nil)
  }
}
