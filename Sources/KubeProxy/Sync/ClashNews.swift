import Planner
import ServiceModel

/// What changed about addresses that several Services claim, since it was told last.
public struct ClashNews: Sendable, Equatable {
  /// Clashes that are new, or in which the claims or their order changed. In order.
  public let appeared: [AddressClash]
  /// Clashes that are over. In order.
  public let resolved: [AddressClash]

  /// nil if nothing changed.
  ///
  /// - Parameters:
  ///   - told: what was told so far; becomes what is told now.
  ///   - addresses: where something may have changed; nil if that is not known.
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
