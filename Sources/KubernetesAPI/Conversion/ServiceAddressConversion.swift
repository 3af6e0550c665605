import ServiceModel

extension Conversion {
  /// `spec.externalIPs`. Special addresses are left out, because they would capture the node's own traffic. The API now
  /// rejects them, but old objects may still contain them.
  mutating func externalIPs(_ spec: WireService.Spec) -> [IPAddress] {
    var result = DistinctAddresses()
    for (index, text) in (spec.externalIPs ?? []).enumerated() {
      let path = "spec.externalIPs[\(index)]"
      let address = part { (conversion) throws(FieldProblem) in
        let address = try conversion.legacyAddress(text, path)
        if let kind = address.specialKind { throw FieldProblem(field: path, problem: "\(address) is \(kind)") }
        return address
      }
      if let address { result.append(address) }
    }
    return result.addresses
  }

  /// The addresses in `status.loadBalancer.ingress` that packets have as their destination: those with ipMode VIP
  /// (KEP-1860). An address with an unknown mode is left out, as in kube-proxy, because the form of its packets is
  /// unknown.
  mutating func loadBalancerIPs(_ wire: WireService) -> [IPAddress] {
    var result = DistinctAddresses()
    for (index, ingress) in (wire.status?.loadBalancer?.ingress ?? []).enumerated() {
      let path = "status.loadBalancer.ingress[\(index)]"
      guard let text = ingress.ip, !text.isEmpty else { continue }
      let address = part("the address \(text.quoted) is left out") { (conversion) throws(FieldProblem) -> IPAddress? in
        let mode = try FieldCheck.choice(ingress.ipMode, default: WireIPMode.vip, "\(path).ipMode")
        return mode == .vip ? try conversion.legacyAddress(text, "\(path).ip") : nil
      }
      if let address = address ?? nil { result.append(address) }
    }
    return result.addresses
  }

  /// Reads an address. Leading zeros are removed and remarked.
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

/// Addresses without duplicates, in the order in which they first appear. A Service can have a hundred thousand of
/// them, so each address is looked up in a set and not compared with all others.
private struct DistinctAddresses {
  private(set) var addresses: [IPAddress] = []
  private var known: Set<IPAddress> = []

  mutating func append(_ address: IPAddress) {
    if known.insert(address).inserted { addresses.append(address) }
  }
}

/// IPv4 addresses with leading zeros. Old clusters may still contain them, from before the API rejected them.
/// kube-proxy reads them as decimal (never as octal).
package enum LegacyAddress {
  /// The address without leading zeros; nil if the text does not have the form of an IPv4 address.
  static func rewrite(_ text: Substring) -> String? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, parts.allSatisfy({ (1...4).contains($0.utf8.count) }) else { return nil }
    return parts.map { part in
      let rest = part.drop { $0 == "0" }
      return rest.isEmpty ? "0" : String(rest)
    }.joined(separator: ".")
  }

  /// Reads an address with or without leading zeros.
  package static func address(_ text: some StringProtocol) -> IPAddress? {
    IPAddress(text) ?? rewrite(Substring(text)).flatMap { IPAddress($0) }
  }

  /// Reads `ADDRESS/LENGTH`. The address may have leading zeros.
  package static func cidr(_ text: String) -> CIDR? {
    if let cidr = CIDR(text) { return cidr }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let plain = rewrite(parts[0]) else { return nil }
    return CIDR("\(plain)/\(parts[1])")
  }
}
