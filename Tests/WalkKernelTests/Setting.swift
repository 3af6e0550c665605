import Planner
import ServiceModel
import Testing

/// A way to program the node under test.
struct Setting: Sendable, CustomTestStringConvertible {
  var backend: String
  var dispatch: DispatchMode
  var endpointRules = EndpointRuleMode.chains
  var masqueradeAll = false
  /// Whether pods are told by their interface instead of their address.
  var byInterface = false

  var testDescription: String {
    var words = [backend, "dispatch \(dispatch.rawValue)"]
    if endpointRules != .chains { words.append("endpoint rules \(endpointRules.rawValue)") }
    if masqueradeAll { words.append("masqueradeAll") }
    if byInterface { words.append("pods by interface") }
    return words.joined(separator: ", ")
  }

  static let all = [
    Setting(backend: "nft", dispatch: .flat), Setting(backend: "nft", dispatch: .indexed),
    Setting(backend: "legacy", dispatch: .flat), Setting(backend: "legacy", dispatch: .indexed),
    Setting(backend: "nft", dispatch: .indexed, endpointRules: .compact),
    Setting(backend: "legacy", dispatch: .flat, endpointRules: .compact),
    Setting(backend: "nft", dispatch: .auto, masqueradeAll: true),
    Setting(backend: "legacy", dispatch: .auto, byInterface: true),
  ]

  func program(_ family: IPFamily, _ verb: String) -> String {
    "\(family == .ipv4 ? "iptables" : "ip6tables")-\(backend)-\(verb)"
  }
}
