import ServiceModel

extension Conversion {
  /// `spec.loadBalancerSourceRanges`. The API allows white space around the ranges.
  ///
  /// A range that is not valid is left out, and the others apply. If no range is valid, kube-proxy opens the load
  /// balancer to everybody. Here it stays closed, because the author of the field wanted to restrict access.
  mutating func setSourceRanges(_ spec: WireService.Spec, of service: inout Service) {
    let texts = spec.loadBalancerSourceRanges ?? []
    for (index, text) in texts.enumerated() {
      let path = "spec.loadBalancerSourceRanges[\(index)]"
      let range = part { (conversion) throws(FieldProblem) in try conversion.sourceRange(text, path) }
      if let range {
        service.loadBalancerSourceRanges.append(range)
      } else {
        service.hasUnreadableSourceRanges = true
      }
    }
    guard !texts.isEmpty else { return }
    for family in Set(service.loadBalancerIPs.map(\.family)).sorted() { remarkWithoutRanges(family, service) }
  }

  private mutating func remarkWithoutRanges(_ family: IPFamily, _ service: Service) {
    guard service.clusterIPs.contains(where: { $0.family == family }),
      !service.loadBalancerSourceRanges.contains(where: { $0.family == family })
    else { return }
    let addresses = service.loadBalancerIPs.filter { $0.family == family }.map(\.description).joined(separator: ", ")
    remark(
      "spec.loadBalancerSourceRanges",
      service.hasUnreadableSourceRanges
        ? "has no \(family.rawValue) range that can be read; no client can reach \(addresses)"
        : "has no \(family.rawValue) range; all clients can reach \(addresses)")
  }

  private mutating func sourceRange(_ text: String, _ path: String) throws(FieldProblem) -> CIDR {
    let trimmed = text.trimmingBlanks
    let parts = trimmed.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, CIDR(trimmed) == nil, let plain = LegacyAddress.rewrite(parts[0]) else {
      return try FieldCheck.cidr(trimmed, path)
    }
    let range = try FieldCheck.cidr("\(plain)/\(parts[1])", path)
    remark(path, "\(text.quoted) has leading zeros and is read as decimal")
    return range
  }
}
