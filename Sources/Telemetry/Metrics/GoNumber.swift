/// A finite number in the format of Go's `strconv.FormatFloat(value, 'g', -1, 64)`, as Kubernetes' Prometheus client
/// writes it: the fewest digits that read back as the same value, with an exponent below 10^-4 and from 10^6 on.
package struct GoNumber {
  package let text: String

  package init(_ value: Double) {
    let digits = ShortestDigits(value)
    let exponent = digits.point - 1
    let sign = value < 0 ? "-" : ""
    if value == 0 {
      text = "0"
    } else if exponent < -4 || exponent >= 6 {
      let rest = digits.text.dropFirst()
      let power = String(abs(exponent))
      text =
        sign + digits.text.prefix(1) + (rest.isEmpty ? "" : ".\(rest)") + (exponent < 0 ? "e-" : "e+")
        + (power.utf8.count < 2 ? "0" : "") + power
    } else {
      text = sign + digits.plain
    }
  }
}

/// The significant digits of a number, without zeros at either end, and the position of the decimal point.
private struct ShortestDigits {
  var text = ""
  /// Number of digits before the decimal point. Negative if zeros follow the point before the first digit.
  var point = 0

  /// Swift's description of a number has the fewest digits that read back as the same value: `123.0`, `0.001`, `1e-05`.
  init(_ value: Double) {
    let parts = value.magnitude.description.split(separator: "e")
    let halves = parts[0].split(separator: ".")
    text = halves.joined()
    point = halves[0].utf8.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    while text.hasPrefix("0") {
      text.removeFirst()
      point -= 1
    }
    while text.hasSuffix("0") { text.removeLast() }
  }

  var plain: String {
    if point <= 0 { return "0." + String(repeating: "0", count: -point) + text }
    let count = text.utf8.count
    if point >= count { return text + String(repeating: "0", count: point - count) }
    return text.prefix(point) + "." + text.dropFirst(point)
  }
}
