import ServiceModel

extension Conversion {
  /// `spec.externalIPs`. Addresses that the API refuses by now, but old objects may hold, are left out: each would
  /// take over traffic that is the node's own.
  mutating func externalIPs(_ spec: WireService.Spec) -> [IPAddress] {
    var result: [IPAddress] = []
    for (index, text) in (spec.externalIPs ?? []).enumerated() {
      let path = "spec.externalIPs[\(index)]"
      let address = part { (conversion) throws(FieldProblem) in
        let address = try conversion.legacyAddress(text, path)
        if let kind = address.specialKind { throw FieldProblem(field: path, problem: "\(address) is \(kind)") }
        return address
      }
      if let address, !result.contains(address) { result.append(address) }
    }
    return result
  }

  /// Of `status.loadBalancer.ingress` the addresses that packets arrive with: those of ipMode VIP (KEP-1860). How
  /// packets arrive with a mode that is not known, nobody can say: kube-proxy leaves such an address out.
  mutating func loadBalancerIPs(_ wire: WireService) -> [IPAddress] {
    var result: [IPAddress] = []
    for (index, ingress) in (wire.status?.loadBalancer?.ingress ?? []).enumerated() {
      let path = "status.loadBalancer.ingress[\(index)]"
      guard let text = ingress.ip, !text.isEmpty else { continue }
      let address = part("the address \(text.quoted) is left out") { (conversion) throws(FieldProblem) -> IPAddress? in
        let mode = try FieldCheck.choice(ingress.ipMode, default: WireIPMode.vip, "\(path).ipMode")
        return mode == .vip ? try conversion.legacyAddress(text, "\(path).ip") : nil
      }
      if let address = address ?? nil, !result.contains(address) { result.append(address) }
    }
    return result
  }

  /// An address, its leading zeros left out where it has any.
  mutating func legacyAddress(
    _ text: String, _ field: @autoclosure () -> String
  ) throws(FieldProblem) -> IPAddress {
    if IPAddress(text) == nil, let plain = LegacyAddress.rewrite(text[...]), let address = IPAddress(plain) {
      remark(field(), "\(text.quoted) has leading zeros and is read as \(address)")
      return address
    }
    return try FieldCheck.address(text, field())
  }
}

/// IPv4 addresses with leading zeros. Clusters made before the API refused them may still hold some, and kube-proxy
/// reads them as decimal (never as octal).
enum LegacyAddress {
  /// The address without its leading zeros, or nil if it is not of that form.
  static func rewrite(_ text: Substring) -> String? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, parts.allSatisfy({ (1...4).contains($0.utf8.count) }) else { return nil }
    return parts.map { part in
      let rest = part.drop { $0 == "0" }
      return rest.isEmpty ? "0" : String(rest)
    }.joined(separator: ".")
  }

  /// An address, with leading zeros or without.
  static func address(_ text: some StringProtocol) -> IPAddress? {
    IPAddress(text) ?? rewrite(Substring(text)).flatMap { IPAddress($0) }
  }

  /// `ADDRESS/LENGTH`, the address with leading zeros or without.
  static func cidr(_ text: String) -> CIDR? {
    if let cidr = CIDR(text) { return cidr }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let plain = rewrite(parts[0]) else { return nil }
    return CIDR("\(plain)/\(parts[1])")
  }
}

extension IPAddress {
  /// What makes the address unfit for traffic that crosses nodes; nil for an ordinary one.
  var specialKind: String? {
    if isUnspecified { return "the unspecified address" }
    if isLoopback { return "a loopback address" }
    if isLinkLocal { return "a link-local address" }
    return isMulticast ? "a multicast address" : nil
  }
}

extension String {
  var trimmingBlanks: String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
    let rest = drop(while: isBlank)
    guard let last = rest.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(rest[...last])
  }
}
