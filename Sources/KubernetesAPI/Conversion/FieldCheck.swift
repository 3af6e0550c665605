import ServiceModel

/// A field whose value is not valid, before its object and file are known.
struct FieldProblem: Error {
  var field: String
  var problem: String
}

/// Checks of single values. The path of the field is built only when a check fails.
enum FieldCheck {
  static func address(_ text: String, _ field: @autoclosure () -> String) throws(FieldProblem) -> IPAddress {
    if let address = IPAddress(text) { return address }
    throw FieldProblem(field: field(), problem: "\(text.quoted) is not an IP address")
  }

  static func cidr(_ text: String, _ field: @autoclosure () -> String) throws(FieldProblem) -> CIDR {
    if let cidr = CIDR(text) { return cidr }
    throw FieldProblem(field: field(), problem: "\(text.quoted) is not a CIDR (ADDRESS/LENGTH)")
  }

  static func port(_ value: Int, _ field: @autoclosure () -> String) throws(FieldProblem) -> UInt16 {
    if let port = UInt16(exactly: value), port > 0 { return port }
    throw FieldProblem(field: field(), problem: "\(value) is not a valid port (1 to 65535)")
  }

  /// The port of an optional field. In the API, 0 means absent.
  static func optionalPort(
    _ value: Int?, _ field: @autoclosure () -> String
  ) throws(FieldProblem) -> UInt16? {
    guard let value, value != 0 else { return nil }
    return try port(value, field())
  }

  /// An enumeration of the API. An absent or empty text is the default.
  static func choice<Value: RawRepresentable & CaseIterable>(
    _ text: String?, default standard: Value, _ field: @autoclosure () -> String
  ) throws(FieldProblem) -> Value where Value.RawValue == String {
    guard let text, !text.isEmpty else { return standard }
    if let value = Value(rawValue: text) { return value }
    let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
    throw FieldProblem(field: field(), problem: "\(text.quoted) is not one of \(known)")
  }

  /// An empty text or a DNS label.
  static func portName(_ text: String?, _ field: @autoclosure () -> String) throws(FieldProblem) -> String {
    guard let text, !text.isEmpty else { return "" }
    if NameRule.isLabel(text) { return text }
    throw FieldProblem(field: field(), problem: "\(text.quoted) is not a DNS label")
  }

  static func label(_ text: String, _ field: @autoclosure () -> String) throws(FieldProblem) {
    if NameRule.isLabel(text) { return }
    throw FieldProblem(field: field(), problem: text.isEmpty ? "is missing" : "\(text.quoted) is not a DNS label")
  }

  static func subdomain(_ text: String, _ field: @autoclosure () -> String) throws(FieldProblem) {
    if NameRule.isSubdomain(text) { return }
    throw FieldProblem(field: field(), problem: text.isEmpty ? "is missing" : "\(text.quoted) is not a DNS subdomain")
  }

  static func labelValue(_ text: String, _ field: @autoclosure () -> String) throws(FieldProblem) {
    if NameRule.isLabelValue(text) { return }
    throw FieldProblem(field: field(), problem: "\(text.quoted) is not a valid label value")
  }
}
