import ArgumentParser
import FoundationEssentials
import Glibc
import Inspection

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}

/// The format of a command's output.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("The output format: text (default) or json.", valueName: "format"))
  var output: OutputFormat = .text

  @Flag(help: "Everything: each rule as iptables has it, and long lists whole.")
  var verbose = false

  /// Colours are on at a terminal, unless NO_COLOR is set (no-color.org).
  var style: TextStyle {
    let refuses = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
    return TextStyle(isColored: isatty(STDOUT_FILENO) == 1 && !refuses && !isDumb)
  }

  /// Prints JSON with sorted keys, or the text.
  func print(_ document: some Encodable, text: () -> String) throws {
    switch output {
    case .text: try StandardOutput.write(text())
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try StandardOutput.write(String(decoding: try encoder.encode(document), as: UTF8.self) + "\n")
    }
  }
}

enum StandardOutput {
  static func write(_ text: String) throws {
    try FileDescriptorWriter.write(Array(text.utf8), to: STDOUT_FILENO, path: "standard output")
  }
}

/// Exit codes of the commands that look at rules: 0 and 1 are answers.
enum InspectionExit {
  /// Packets do not arrive; rules differ.
  static let negative = ExitCode(1)
  /// There is no answer, because a source cannot be read, a question makes no sense, or a foreign rule decides.
  static let trouble = ExitCode(2)

  /// Runs a command's work and writes errors to standard error.
  static func guarded(_ work: () async throws -> Void) async throws {
    do {
      try await work()
    } catch let code as ExitCode {
      throw code
    } catch {
      StandardError.write("error: \(error)")
      throw trouble
    }
  }
}
