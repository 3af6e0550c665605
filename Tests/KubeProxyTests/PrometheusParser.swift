/// A strict reader of Prometheus' text format, version 0.0.4. Tests check the daemon's metrics with it.
struct PrometheusParser {
  struct Sample: Hashable {
    let name: String
    let labels: [String: String]
    let value: Double
  }

  struct Family: Hashable {
    var help: String
    var kind: String
    var samples: [Sample] = []
  }

  struct Malformed: Error, CustomStringConvertible {
    let line: String
    let reason: String
    var description: String { "\(reason): \(line)" }
  }

  /// Families by name. Throws where a line breaks the format, a sample has no family, or one comes twice.
  static func parse(_ text: String) throws -> [String: Family] {
    guard text.hasSuffix("\n") else { throw Malformed(line: "", reason: "no line feed at the end") }
    var families: [String: Family] = [:]
    var current = ""
    for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("# HELP ") {
        let parts = line.dropFirst(7).split(separator: " ", maxSplits: 1)
        guard parts.count == 2, families[String(parts[0])] == nil else {
          throw Malformed(line: line, reason: "bad or repeated HELP")
        }
        current = String(parts[0])
        families[current] = Family(help: String(parts[1]), kind: "")
      } else if line.hasPrefix("# TYPE ") {
        let parts = line.dropFirst(7).split(separator: " ").map(String.init)
        guard parts.count == 2, parts[0] == current, ["counter", "gauge", "histogram"].contains(parts[1]) else {
          throw Malformed(line: line, reason: "bad TYPE")
        }
        families[current]?.kind = parts[1]
      } else {
        let sample = try sample(line)
        let suffixes = families[current]?.kind == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        guard suffixes.contains(where: { sample.name == current + $0 }) else {
          throw Malformed(line: line, reason: "outside its family")
        }
        if families[current]?.samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels }) == true
        {
          throw Malformed(line: line, reason: "twice")
        }
        families[current]?.samples.append(sample)
      }
    }
    return families
  }

  private static func sample(_ line: String) throws -> Sample {
    var rest = Substring(line)
    let name = take(&rest) { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
    guard let first = name.first, !first.isNumber else { throw Malformed(line: line, reason: "bad name") }
    var labels: [String: String] = [:]
    if rest.first == "{" {
      rest.removeFirst()
      repeat {
        let label = take(&rest) { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard !label.isEmpty, rest.hasPrefix("=\""), labels[label] == nil else {
          throw Malformed(line: line, reason: "bad label")
        }
        rest.removeFirst(2)
        labels[label] = try quoted(&rest, line)
      } while next(&rest) == ","
    }
    guard rest.first == " ", let value = number(String(rest.dropFirst())) else {
      throw Malformed(line: line, reason: "bad value")
    }
    return Sample(name: name, labels: labels, value: value)
  }

  private static func take(_ rest: inout Substring, while test: (Character) -> Bool) -> String {
    let word = rest.prefix(while: test)
    rest.removeFirst(word.count)
    return String(word)
  }

  private static func next(_ rest: inout Substring) -> Character? { rest.isEmpty ? nil : rest.removeFirst() }

  private static func quoted(_ rest: inout Substring, _ line: String) throws -> String {
    var text = ""
    while let character = next(&rest) {
      if character == "\"" { return text }
      guard character == "\\" else {
        text.append(character)
        continue
      }
      switch next(&rest) {
      case "n": text.append("\n")
      case "\\": text.append("\\")
      case "\"": text.append("\"")
      default: throw Malformed(line: line, reason: "bad escape")
      }
    }
    throw Malformed(line: line, reason: "no closing quote")
  }

  private static func number(_ text: String) -> Double? {
    switch text {
    case "+Inf": .infinity
    case "-Inf": -.infinity
    case "NaN": .nan
    default: text.contains(" ") ? nil : Double(text)
    }
  }
}
