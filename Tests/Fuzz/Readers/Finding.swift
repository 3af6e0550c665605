/// What a reader did wrong, in words.
package struct Finding: Error, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// - Throws: a finding with this text if the condition is false.
func require(_ condition: Bool, _ text: @autoclosure () -> String) throws(Finding) {
  guard condition else { throw Finding(text()) }
}

/// Checks a message about bytes from outside: it must be safe in a log and on a terminal, and not too long for a log.
func checkMessage(_ message: String) throws(Finding) {
  let isPrintable = message.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
  try require(
    isPrintable && !message.isEmpty, "a message has control characters, or is empty: \(message.debugDescription)")
  try require(message.utf8.count < 4096, "a message has \(message.utf8.count) bytes: \(message.prefix(300))")
}
