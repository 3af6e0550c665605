import Markup
import Planner
import ServiceModel
import Telemetry

/// Addresses that several Services claim, as the status page shows them.
package struct ClashList {
  let families: [IPFamily: [AddressClash]]

  package init(families: [IPFamily: [AddressClash]]) { self.families = families }

  /// Limits of the lists, so that a page stays small. The total number is always shown.
  static let shownInHTML = 20
  static let shownInJSON = 1000
  static let shownClaims = 20

  var html: [HTML] {
    families.sorted { $0.key < $1.key }.flatMap { family, clashes -> [HTML] in
      var items = clashes.prefix(ClashList.shownInHTML).map { clash -> HTML in
        "<p><span class=\"pill warn\">\(family.rawValue)</span> \(clash.description)</p>"
      }
      if clashes.count > ClashList.shownInHTML {
        let rest = Readable.count(clashes.count - ClashList.shownInHTML)
        items.append(
          "<p><span class=\"pill warn\">\(family.rawValue)</span> \(rest) more addresses with several Services</p>"
        )
      }
      return items
    }
  }

  var json: JSONValue {
    .array(
      families.sorted { $0.key < $1.key }.flatMap { family, clashes in
        clashes.prefix(ClashList.shownInJSON).map { clash in
          .object([
            .init("family", .string(family.rawValue)), .init("address", .string(clash.address.description)),
            .init("claims", .array(clash.claims.prefix(ClashList.shownClaims).map(claim))),
            .init("claimCount", .int(clash.claims.count)), .init("reason", .string(clash.reason)),
          ])
        }
      })
  }

  var count: Int { families.values.reduce(0) { $0 + $1.count } }

  /// Other Services that claim an address of this one. Takes the first few of each clash, because the winner comes
  /// first.
  package func rivals(of name: NamespacedName) -> [NamespacedName] {
    var rivals: Set<NamespacedName> = []
    for clash in families.values.joined() where clash.claims.contains(where: { $0.port.service == name }) {
      rivals.formUnion(clash.claims.prefix(3).map(\.port.service))
    }
    return Array(rivals.subtracting([name]).sorted().prefix(ClashList.mostRivals))
  }

  private static let mostRivals = 50

  private func claim(_ claim: AddressClaim) -> JSONValue {
    .object([
      .init("service", .string(claim.port.service.description)), .init("port", .string(claim.port.port)),
      .init("kind", .string(claim.kind.name)),
    ])
  }
}
