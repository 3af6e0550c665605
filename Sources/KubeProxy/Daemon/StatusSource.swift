import Applier
import Configuration
import Health
import Inspection
import KubernetesAPI
import Planner
import ServiceModel
import Shadow
import StatusPage
import Time

/// Collects what the status page shows.
struct StatusSource: Sendable {
  private let setup: DaemonSetup
  private let health: HealthMonitor
  private let board: StatusBoard
  private let cluster: ClusterState
  private let shadow: ShadowBoard?
  private let families: [IPFamily]
  private let endpointRuleSupport: EndpointRuleSupport
  private let started = Moment.now()

  init(
    setup: DaemonSetup, host: KnownHost, health: HealthMonitor, board: StatusBoard, cluster: ClusterState,
    shadow: ShadowBoard? = nil
  ) {
    self.setup = setup
    self.health = health
    self.board = board
    self.cluster = cluster
    self.shadow = shadow
    families = host.families
    endpointRuleSupport = EndpointRuleSupport(host.features)
    let backend = host.backend
    for family in host.families { board.setBackend(family, backend.backend.rawValue, reason: backend.reason) }
  }

  @Sendable func snapshot() async -> StatusSnapshot {
    let snapshot = await cluster.snapshot
    let clashes = await PageQueue.compute { cluster.clashes }
    return StatusSnapshot(
      version: setup.version, node: setup.configuration.nodeName, started: started, now: .now(),
      health: health.report, settings: settings(snapshot), families: board.all, source: setup.source.name,
      watches: setup.source.watches(), clashes: clashes, shadow: shadow?.all,
      cluster: snapshot)
  }

  /// Explains where packets go to each address of a Service, from a pod and from outside. nil if there is no such
  /// Service.
  @Sendable func explain(_ name: NamespacedName) async -> String? {
    let whole = await cluster.snapshot
    guard whole.services[name] != nil else { return nil }
    // Plans only this Service and the Services that claim its addresses, because planning the whole cluster is too
    // slow.
    let part = whole.part(of: [name] + ClashList(families: cluster.clashes).rivals(of: name))
    var texts: [String] = []
    for family in families {
      let options = await cluster.options(of: family)
      guard !Task.isCancelled else { break }
      texts += await PageQueue.compute {
        StatusSource.explain(name, Explainer(Scene(planning: part, options)), family)
      }
    }
    return texts.joined(separator: "\n")
  }

  private static func explain(_ name: NamespacedName, _ explainer: Explainer, _ family: IPFamily) -> [String] {
    var texts: [String] = []
    for vantage in [Vantage.pod, .outside] {
      do {
        let answers = try explainer.explain(from: vantage, toService: name, all: vantage == .outside)
        texts += StatusSource.shown(
          answers.explanations.map { ExplanationText($0).text } + answers.unexplained.map { $0.text() })
      } catch ExplainError.noSuchService, ExplainError.noClusterIP {
        // No cluster IP in this family.
        continue
      } catch {
        texts.append("\(family.rawValue): \(error)\n")
      }
    }
    return texts
  }

  /// Limits the texts on a page, because a Service with hundreds of ports has thousands of addresses.
  private static func shown(_ texts: [String]) -> [String] {
    let most = 20
    guard texts.count > most else { return texts }
    return texts.prefix(most) + ["… and \(texts.count - most) more: swift-kube-proxy explain --all shows them\n"]
  }

  private func settings(_ snapshot: ClusterSnapshot) -> [StatusSnapshot.Setting] {
    let configuration = setup.configuration
    let source = configuration.source
    return [
      .init("clusterCIDR", configuration.clusterCIDRs.map(\.description).joined(separator: ",")),
      .init("serviceSubnet", configuration.serviceSubnets.text(in: snapshot)),
      .init("detectLocalMode", source.detectLocalMode),
      .init("nodePortAddresses", (source.nodePortAddresses ?? []).joined(separator: ",")),
      .init("iptables.masqueradeAll", "\(configuration.masqueradeAll)"),
      .init("iptables.masqueradeBit", "\(configuration.masqueradeBit)"),
      .init("iptables.localhostNodePorts", "\(configuration.localhostNodePorts)"),
      .init("iptables.minSyncPeriod", "\(source.iptables.minSyncPeriod)"),
      .init("iptables.syncPeriod", "\(source.iptables.syncPeriod)"),
      .init("dispatch", setup.extra.dispatch.rawValue),
      .init("endpointRules", setup.extra.endpointRules.rawValue),
      .init("bpfMatch", endpointRuleSupport.description),
      .init("ignoreExternalIPs", "\(setup.extra.ignoreExternalIPs || !configuration.allowsExternalIPs)"),
      .init("conntrackFlushTCP", "\(setup.flushTCP)"), .init("stateFile", setup.stateFile?.path ?? ""),
    ]
  }
}
