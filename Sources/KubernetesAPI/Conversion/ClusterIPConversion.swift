import ServiceModel

extension Conversion {
  /// The cluster IPs of both families, from `spec.clusterIPs` or otherwise from `spec.clusterIP`. As in kube-proxy, the
  /// first address of a family is used. An entry that is not valid does not affect the other family.
  /// - Throws: if no entry is valid.
  mutating func clusterIPs(_ spec: WireService.Spec) throws(FieldProblem) -> [IPAddress] {
    var result: [IPAddress] = []
    var problems: [FieldProblem] = []
    for entry in clusterIPEntries(spec) {
      do throws(FieldProblem) {
        let address = try legacyAddress(entry.text, entry.field)
        if let other = result.first(where: { $0.family == address.family }) {
          // The API allows both fields to contain the same address.
          if other == address && entry.field == "spec.clusterIP" { continue }
          throw FieldProblem(
            field: entry.field, problem: "\(address) is a second \(address.family.rawValue) address")
        }
        result.append(address)
      } catch {
        problems.append(error)
      }
    }
    if result.isEmpty, let first = problems.first { throw first }
    for problem in problems { leaveOut("it is left out", problem) }
    checkFamilies(spec, of: result)
    return result
  }

  private struct Entry {
    var text: String
    var field: String
  }

  /// `spec.clusterIP` should equal the first entry of the list. If that entry is not a valid address, `spec.clusterIP`
  /// is used first.
  private func clusterIPEntries(_ spec: WireService.Spec) -> [Entry] {
    let single = Entry(text: spec.clusterIP ?? "", field: "spec.clusterIP")
    let list = (spec.clusterIPs ?? []).enumerated().map { Entry(text: $1, field: "spec.clusterIPs[\($0)]") }
    guard let first = list.first, list.contains(where: { !$0.text.isEmpty }) else { return [single] }
    if single.text.isEmpty || first.text == single.text { return list }
    return LegacyAddress.address(first.text) == nil ? [single] + list : list + [single]
  }

  /// Checks `spec.ipFamilies`. It only repeats the families of the addresses, so the addresses count.
  private mutating func checkFamilies(_ spec: WireService.Spec, of addresses: [IPAddress]) {
    for (index, text) in (spec.ipFamilies ?? []).enumerated() {
      let field = "spec.ipFamilies[\(index)]"
      guard let family = IPFamily(rawValue: text) else {
        leaveOut("it is left out", FieldProblem(field: field, problem: "\(text.quoted) is not one of IPv4, IPv6"))
        continue
      }
      if index < addresses.count && addresses[index].family != family && addresses.count == spec.clusterIPs?.count {
        remark(
          field, "is \(text), but spec.clusterIPs[\(index)] is \(addresses[index]); the family of the address is used")
      }
    }
  }
}
