import IPTables
import Planner
import RuleAnalysis
import ServiceModel

/// Two or more Services that claim the destination of a packet, and which of them gets it.
struct ExplainedClash {
  private let place: ClaimedAddress
  /// The claims of the objects, in the order of planned rules; nil if no objects are known or planned rules do not
  /// clash.
  private let planned: AddressClash?
  private let claims: [ServiceAddress]
  /// The Services to which these rules send the packet. The rules may differ from the plan.
  private let takers: [ServiceLabel]

  /// nil unless several Services claim the destination.
  init?(_ packet: Packet, _ outcomes: [WalkOutcome], scene: Scene) {
    let claims = scene.claims(packet.destination, packet.transport)
    guard let first = claims.first, claims.contains(where: { $0.label.service != first.label.service }) else {
      return nil
    }
    self.claims = claims
    place = ClaimedAddress(first.address, port: first.port, first.transport)
    planned = scene.plannedClash(of: claims)
    var takers: [ServiceLabel] = []
    for taker in outcomes.compactMap({ $0.taker(in: scene) }) where !takers.contains(taker) { takers.append(taker) }
    self.takers = takers
  }

  /// The claim that this packet goes to; nil if it goes to none of them.
  var taken: ServiceAddress? {
    for taker in takers {
      if let claim = claims.first(where: { $0.label == taker }) { return claim }
    }
    return nil
  }

  /// Which Services there are and which one wins, in one sentence.
  var note: String {
    let names = planned?.claims.map(\.description) ?? claims.map { "\($0.label) (\($0.kind.name))" }
    let some = names.prefix(8).joined(separator: ", ")
    let list = names.count > 8 ? "\(some) and \(names.count - 8) more" : some
    return "several Services claim \(planned?.address ?? place): \(list); \(outcome)"
  }

  private var outcome: String {
    guard let taken else {
      return planned.map { "\($0.winner.port) wins: \($0.reason)" } ?? "none of them receives this packet"
    }
    if let planned {
      if isPlannedWinner(taken.label) { return "\(taken.label) wins: \(planned.reason)" }
      // Either the winner's rules do not match this packet, or these are not the planned rules.
      return "\(planned.winner.port) wins, but this packet goes to \(taken.label) (\(planned.reason))"
    }
    return "in these rules \(taken.label) gets this packet because its rule comes first"
  }

  /// Why a packet for one Service goes to another one.
  func reason(_ taker: ServiceLabel) -> String {
    let why = planned.flatMap { isPlannedWinner(taker) ? ": \($0.reason)" : nil } ?? ""
    return "Service \(taker) claims this address and port too, and gets the packet\(why)"
  }

  private func isPlannedWinner(_ label: ServiceLabel) -> Bool {
    guard let winner = planned?.winner.port else { return false }
    return winner.service == label.service && winner.port == label.port
  }

  static let advice = "give one of the Services another address or port"
}

extension WalkOutcome {
  /// The service port whose rules decided on the packet; nil if none did.
  func taker(in scene: Scene) -> ServiceLabel? {
    let steps = trace.steps
    if isTranslated {
      let translation = steps.last { if case .destinationNAT = $0.rule?.target { true } else { false } }
      return translation.flatMap { scene.index.owners[ChainKey($0.table, $0.chain)] }
    }
    switch verdict {
    case .rejected, .dropped: return steps.last?.rule.flatMap { ServiceLabel(commentOf: $0) }
    case .delivered, .undecided: return nil
    }
  }
}
