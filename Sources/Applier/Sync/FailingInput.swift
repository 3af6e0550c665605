/// A line of restore input that iptables-restore rejected, with the lines around it, from the input of one process.
package struct FailingInput: Sendable, Equatable, CustomStringConvertible {
  /// Counted from 1.
  package let line: Int
  /// In order.
  package let lines: [NumberedLine]

  package struct NumberedLine: Sendable, Equatable {
    package let number: Int
    package let text: String
  }

  /// Produces the input again and keeps the lines around `line`, because the first input was not kept.
  ///
  /// - Parameters:
  ///   - line: counted from 1 within its part.
  ///   - part: counted from 0.
  init?(line: Int, part: Int = 0, reach: Int = 3, _ produce: (any RestoreSink) throws -> Void) {
    let window = LineWindow(line - reach...line + reach, part: part)
    do {
      try produce(window)
    } catch is RestoreSinkClosed {
      // The window has all the lines that it needs.
    } catch {
      return nil
    }
    guard window.lines.contains(where: { $0.number == line }) else { return nil }
    self.line = line
    lines = window.lines
  }

  package var description: String {
    lines.map { ($0.number == line ? "> " : "  ") + "\($0.number): \($0.text)" }.joined(separator: "\n")
  }
}

/// Keeps some lines of restore input.
private final class LineWindow: RestoreSink {
  private let wanted: ClosedRange<Int>
  private var partsBefore: Int
  private(set) var lines: [FailingInput.NumberedLine] = []
  private var number = 1
  private var text: [UInt8] = []

  init(_ wanted: ClosedRange<Int>, part: Int) {
    self.wanted = wanted
    partsBefore = part
  }

  func endPart() { partsBefore -= 1 }

  func write(_ bytes: [UInt8]) throws {
    guard partsBefore <= 0 else { return }
    guard partsBefore == 0 else { throw RestoreSinkClosed() }
    for byte in bytes {
      guard number <= wanted.upperBound else { throw RestoreSinkClosed() }
      if byte != 0x0a {
        if wanted.contains(number) { text.append(byte) }
        continue
      }
      if wanted.contains(number) {
        lines.append(FailingInput.NumberedLine(number: number, text: String(decoding: text, as: UTF8.self)))
        text = []
      }
      number += 1
    }
  }
}
