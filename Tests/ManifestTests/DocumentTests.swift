import Foundation
import Testing

/// Compares the documents with the program and with each other.
@Suite(.timeLimit(.minutes(5))) struct DocumentTests {
  static let root = Manifests.folder.deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  static let documents: [String] =
    ["README.md"]
    + ((try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "docs").path)) ?? [])
    .filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }

  /// The words that log lines of level warning and above begin with, up to what differs from line to line.
  static func warnings() throws -> Set<String> {
    let call = /log(?:ger\.(?:warning|error|critical)\(|\(\.(?:warning|error|critical),)([^)]*?)(?:metadata:|\[|\))/
    let literal = /"([^"\\;:]*)[^"]*"?/
    var found: Set<String> = []
    let sources = try #require(FileManager.default.enumerator(atPath: root.appending(path: "Sources").path))
    for case let path as String in sources where path.hasSuffix(".swift") {
      for match in try text("Sources/\(path)").matches(of: call) {
        for words in match.1.matches(of: literal) where !words.1.isEmpty { found.insert(String(words.1)) }
      }
    }
    return found
  }

  @Test
  func `docs/operations.md says what to do about each warning and error`() throws {
    let operations = try Self.text("docs/operations.md")
    let rows = operations.split(separator: "\n").filter { $0.hasPrefix("| `") }
    let warnings = try Self.warnings()
    #expect(warnings.count > 15)
    #expect(warnings.contains("rules are changed by another program again and again"))
    for words in warnings.sorted() { #expect(rows.contains { $0.contains("`\(words)") }, "\(words)") }
  }

  @Test(arguments: documents)
  func `a log line that a document quotes is one that the program writes`(_ document: String) throws {
    var sources = ""
    let files = try #require(FileManager.default.enumerator(atPath: Self.root.appending(path: "Sources").path))
    for case let path as String in files where path.hasSuffix(".swift") { sources += try Self.text("Sources/\(path)") }
    let text = try Self.text(document).split { $0.isWhitespace }.joined(separator: " ")
    for match in text.matches(of: /(?:log line|ook for|It says) `([^`…]+)/) {
      #expect(sources.contains(match.1), "\(match.1)")
    }
  }

  @Test
  func `the memory requests of docs/operations.md follow from the peaks in docs/benchmarks.md, and cover them`() throws
  {
    let measured = try Self.text("docs/benchmarks.md").split(separator: "\n")
    let row = /\| ([0-9,]+) × ([0-9]+) \| ([0-9.]+) MB \| ([0-9.]+) MB[^|]*\| `[^`]*memory: ([0-9]+)Mi` \|/
    let requests = try Self.text("docs/operations.md").matches(of: row)
    #expect(requests.count >= 2)
    for request in requests {
      let lines = measured.filter { $0.contains(" IPv4 \(request.1)×\(request.2) ") }
      for peak in [request.3, request.4] {
        #expect(lines.contains { $0.contains(" \(peak) MB") }, "\(request.1)×\(request.2): \(peak) MB")
      }
      let peaks = try #require(Double(request.3)) + #require(Double(request.4))
      #expect(try #require(Double(request.5)) * 1.048576 >= peaks, "\(request.1)×\(request.2)")
    }
  }

  /// The rows of the tables with this title in docs/benchmarks.md.
  private static func measured(_ title: String) throws -> [Substring] {
    let blocks = try text("docs/benchmarks.md").components(separatedBy: "\n\n")
    return zip(blocks, blocks.dropFirst()).filter { $0.0.split(separator: "\n").last ?? "" == title }
      .flatMap { $0.1.split(separator: "\n") }
  }

  @Test
  func `the measured figures of docs/comparison.md are those of docs/benchmarks.md`() throws {
    let titles = [
      "full sync": "Full sync of empty tables",
      "one Service added": "One change, from the event to the kernel's answer",
      "connect": "Connecting through a Service",
    ]
    let lines = try Self.text("docs/comparison.md").components(separatedBy: "\n")
    let rows = lines.drop { !$0.hasPrefix("| IPv4 | swift-kube-proxy |") }.dropFirst(2).prefix { $0.hasPrefix("|") }
    #expect(rows.count >= 6)
    // The last of many Services is measured with one endpoint each.
    let pattern = /\| ([^,|]+), (?:last of )?([0-9,]+) (?:× ([0-9]+)|Services), (nft|legacy) \| ([^|]+) \| ([^|]+) \|/
    for row in rows {
      let words = try #require(row.wholeMatch(of: pattern), "\(row)")
      let title = try #require(titles[String(words.1)], "\(row)")
      let results = try Self.measured(title).filter { $0.hasPrefix("\(words.4) IPv4 \(words.2)×\(words.3 ?? "1") ") }
      for figure in [words.5, words.6] {
        #expect(results.contains { "\($0) ".contains(" \(figure) ") }, "\(row): \(figure)")
      }
    }
  }

  @Test(arguments: documents)
  func `links lead to a file or a heading that is there`(_ document: String) throws {
    let folder = Self.root.appending(path: document).deletingLastPathComponent()
    for match in try Self.text(document).matches(of: /\]\(([^)#:]+)(?:#([^)]+))?\)/) {
      let target = folder.appending(path: String(match.1))
      #expect(FileManager.default.fileExists(atPath: target.path), "\(match.1)")
      guard let anchor = match.2 else { continue }
      let headings = try String(contentsOf: target, encoding: .utf8).matches(of: /(?m)^#+ (.*)$/).map {
        $0.1.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }.replacing(" ", with: "-")
      }
      #expect(headings.contains(String(anchor)), "\(match.1)#\(anchor)")
    }
  }
}
