import ServiceModel

/// HTML or SVG that is safe against injection: a literal is markup, an interpolated string is text and is escaped.
///
/// `"<td>\(name)</td>"` escapes the name. Interpolated `HTML` is not escaped again. There is no way to make a string
/// markup, except to write it as a literal.
package struct HTML: ExpressibleByStringInterpolation, Sendable {
  package private(set) var markup: String

  package init(stringLiteral markup: String) { self.markup = markup }
  package init(stringInterpolation: Interpolation) { markup = stringInterpolation.markup }

  package static func += (left: inout HTML, right: HTML) { left.markup += right.markup }

  package static func + (left: HTML, right: HTML) -> HTML { "\(left)\(right)" }

  package struct Interpolation: StringInterpolationProtocol {
    fileprivate var markup = ""

    package init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity * 2) }

    package mutating func appendLiteral(_ literal: String) { markup += literal }
    package mutating func appendInterpolation(_ text: String) { markup += HTML.escape(text) }
    package mutating func appendInterpolation(_ number: Int) { markup += "\(number)" }
    package mutating func appendInterpolation(_ html: HTML) { markup += html.markup }
    package mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { markup += part.markup } }

    /// A place or a length in a picture, with at most one decimal place. That is enough for any screen.
    package mutating func appendInterpolation(_ length: Double) {
      let tenths = Int((length * 10).rounded())
      markup += "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10)"
      if tenths % 10 != 0 { markup += ".\(abs(tenths) % 10)" }
    }
  }

  /// For content and for attributes in double quotes. Invisible characters are written as `\u{…}`.
  private static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      default: result.appendVisibly(scalar)
      }
    }
    return result
  }
}
