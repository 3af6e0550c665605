extension String {
  /// The text with control and non-ASCII characters escaped, cut to 200 characters. Text from outside is then safe in a
  /// log line or on a terminal.
  package var printable: String {
    var result = ""
    for scalar in unicodeScalars.prefix(200) {
      result += (0x20...0x7e).contains(scalar.value) ? String(scalar) : scalar.escaped(asASCII: true)
    }
    return unicodeScalars.dropFirst(200).isEmpty ? result : result + "…"
  }

  /// The text in full length, with the numbers of characters that people cannot see, such as `\u{1b}`. Text from
  /// outside then cannot control a terminal or start a new line.
  package var visible: String {
    var result = ""
    for scalar in unicodeScalars { result.appendVisibly(scalar) }
    return result
  }

  /// The text with a backslash before each of these characters.
  ///
  /// A combining mark behind a quotation mark makes one `Character` of both, and `replacing` does not find the mark in
  /// it. So this looks at Unicode scalars.
  package func escaping(_ scalars: Unicode.Scalar...) -> String {
    var result = ""
    for scalar in unicodeScalars {
      if scalars.contains(scalar) { result.unicodeScalars.append("\\") }
      result.unicodeScalars.append(scalar)
    }
    return result
  }

  /// The text in quotes, for messages.
  package var quoted: String { "\"\(printable)\"" }

  /// Appends a character. If people cannot see it, appends its number as in `\u{85}`, because such a character can make
  /// a name look like another name.
  package mutating func appendVisibly(_ scalar: Unicode.Scalar) {
    if scalar.isInvisible {
      self += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      unicodeScalars.append(scalar)
    }
  }
}

extension Int {
  /// With a comma between each three digits: `12,345`.
  package var grouped: String {
    let digits = String(magnitude)
    var result = self < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return result
  }
}

extension Unicode.Scalar {
  /// Whether people cannot see the character, or see it as a break or a change of direction.
  package var isInvisible: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }
}
