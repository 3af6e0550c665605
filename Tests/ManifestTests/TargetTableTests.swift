import Foundation
import Testing

/// Compares the tables of targets and packages in docs/architecture.md with Package.swift.
@Suite(.timeLimit(.minutes(1))) struct TargetTableTests {
  /// The names of the targets under Sources, in the order of Package.swift, with those that each depends on.
  private static func declared() throws -> [(name: String, dependencies: Set<String>)] {
    let package = try DocumentTests.text("Package.swift")
    let target = /\.(?:target|executableTarget)\(\s*name: "([^"]+)"(.*?)swiftSettings/.dotMatchesNewlines()
    let all = package.matches(of: target).map { (String($0.1), String($0.2)) }.filter { !$0.1.contains("path:") }
    let names = Set(all.map(\.0))
    return all.map { name, rest in
      (name, Set(rest.matches(of: /"([^"]+)"/).map { String($0.1) }).intersection(names))
    }
  }

  /// The rows of the table.
  private static func documented() throws -> [(name: String, dependencies: Set<String>)] {
    let lines = try DocumentTests.text("docs/architecture.md").split(separator: "\n")
    let rows = lines.drop { !$0.hasPrefix("| target | depends on |") }.dropFirst(2).prefix { $0.hasPrefix("|") }
    return rows.map { row in
      let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
      return (cells[0], Set(cells[1].split(separator: ", ").map(String.init)).subtracting(["–"]))
    }
  }

  @Test
  func `docs/architecture.md lists every target of Sources with its dependencies`() throws {
    let declared = try Self.declared()
    let documented = try Self.documented()
    #expect(declared.count > 15)
    #expect(declared.map(\.name).sorted() == documented.map(\.name).sorted())
    for target in documented {
      #expect(declared.first { $0.name == target.name }?.dependencies == target.dependencies, "\(target.name)")
    }
  }

  @Test
  func `docs/architecture.md says what each package is for`() throws {
    let package = /\.package\(url: "[^"]*\/([^\/"]+)"/
    let names = try DocumentTests.text("Package.swift").matches(of: package).map { String($0.1) }
    // An empty line ends the table.
    let lines = try DocumentTests.text("docs/architecture.md").components(separatedBy: "\n")
    let rows = lines.drop { !$0.hasPrefix("| package | for | why |") }.dropFirst(2).prefix { $0.hasPrefix("|") }
    let documented = rows.map { row in
      row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    #expect(!names.isEmpty)
    #expect(documented.map { $0[0] }.sorted() == names.sorted())
    #expect(documented.allSatisfy { $0.count == 3 && !$0[1].isEmpty && !$0[2].isEmpty })
  }

  @Test
  func `a target depends only on targets above it in the table`() throws {
    var above: Set<String> = []
    for target in try Self.documented() {
      #expect(target.dependencies.subtracting(above).isEmpty, "\(target.name)")
      above.insert(target.name)
    }
    #expect(above.contains("swift-kube-proxy"))
  }

  /// The modules that a file imports.
  private static func imports(_ text: String) -> [String] {
    let pattern =
      #/
      (?m)^\h*(?:@\w+\h+|(?:public|package|internal|fileprivate|private)\h+)*
      import\h+(?:(?:struct|class|enum|protocol|actor|func|var|let|typealias)\h+)?(\w+)
      /#
    return text.matches(of: pattern).map { String($0.1) }
  }

  @Test
  func `every form of an import is found`() {
    let forms = """
      import A
      @testable import B
      package import C
      internal import struct D.Value
      @preconcurrency public import E
      import func F.call
      #if os(Linux)
        import G // for Linux
      #endif
      // import H
      """
    #expect(Self.imports(forms) == ["A", "B", "C", "D", "E", "F", "G"])
  }

  @Test
  func `no file in Sources imports a target of Tests`() throws {
    let package = try DocumentTests.text("Package.swift")
    let declarations = package.split(separator: /\.(?:target|executableTarget|systemLibrary|testTarget)\(/).dropFirst()
    let support = Set(
      declarations.filter { $0.contains("path: \"Tests/") }.compactMap { $0.firstMatch(of: /name: "([^"]+)"/)?.1 })
    #expect(support.isSuperset(of: ["Lab", "FuzzReaders", "CLibFuzzer", "Doubles"]))
    let sources = try #require(
      FileManager.default.enumerator(atPath: DocumentTests.root.appending(path: "Sources").path))
    var seen = 0
    for case let path as String in sources where path.hasSuffix(".swift") {
      seen += 1
      for module in Self.imports(try DocumentTests.text("Sources/\(path)")) {
        #expect(!support.contains(Substring(module)), "\(path)")
      }
    }
    #expect(seen > 400)
  }
}
