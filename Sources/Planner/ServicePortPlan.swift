import IPTables
import ServiceModel

/// Everything that one service port contributes to the rules of one family.
package struct ServicePortPlan: Sendable, Equatable {
  package let name: ServicePortName
  /// Its own chains, all in the nat table.
  package internal(set) var chains: [Chain] = []
  /// What it adds to dispatch chains.
  package internal(set) var dispatch: [DispatchEntry] = []
  /// The endpoint that each endpoint chain leads to.
  package internal(set) var endpoints: [ChainName: SocketAddress] = [:]
  /// The number of its endpoints, ready or not, for large-cluster mode.
  package internal(set) var endpointCount = 0
  /// Policy Local leaves traffic to the cluster IP without an endpoint on this node.
  package internal(set) var lacksLocalInternal = false
  /// Policy Local leaves traffic from outside without an endpoint on this node.
  package internal(set) var lacksLocalExternal = false

  init(name: ServicePortName) { self.name = name }
}
