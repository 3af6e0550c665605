extension String {
  /// The text with control and non-ASCII characters escaped and cut to 200 characters: what came from outside may be
  /// printed on a terminal or in a log line.
  package var printable: String {
    var result = ""
    for scalar in unicodeScalars.prefix(200) {
      result += (0x20...0x7e).contains(scalar.value) ? String(scalar) : scalar.escaped(asASCII: true)
    }
    return unicodeScalars.dropFirst(200).isEmpty ? result : result + "…"
  }

  /// The text in quotes, for messages.
  package var quoted: String { "\"\(printable)\"" }
}
