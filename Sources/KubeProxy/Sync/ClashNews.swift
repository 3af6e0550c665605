import Planner
import ServiceModel

/// Changes in the addresses that several Services claim, since the last report.
package struct ClashNews: Sendable, Equatable {
  /// New clashes, and clashes in which the claims or their order changed. Sorted by address.
  package let appeared: [AddressClash]
  /// Clashes that have ended. Sorted by address.
  package let resolved: [AddressClash]

  /// nil if nothing changed.
  ///
  /// - Parameters:
  ///   - told: the clashes that were reported so far. Updated to the clashes that are reported now.
  ///   - addresses: the addresses where something may have changed; nil to compare all.
  init?(
    told: inout [ClaimedAddress: AddressClash], now: [ClaimedAddress: AddressClash], at addresses: Set<ClaimedAddress>?
  ) {
    var appeared: [AddressClash] = []
    var resolved: [AddressClash] = []
    for address in addresses ?? Set(told.keys).union(now.keys) {
      let before = told[address]
      let clash = now[address]
      guard clash != before else { continue }
      told[address] = clash
      if let clash { appeared.append(clash) } else if let before { resolved.append(before) }
    }
    guard !appeared.isEmpty || !resolved.isEmpty else { return nil }
    self.appeared = appeared.sorted { $0.address < $1.address }
    self.resolved = resolved.sorted { $0.address < $1.address }
  }
}
