import Applier
import Inspection
import KubernetesAPI
import Planner
import ServiceModel

/// Puts together what the status page shows.
struct StatusSource: Sendable {
  private let setup: DaemonSetup
  private let health: HealthMonitor
  private let board: StatusBoard
  private let cluster: ClusterState
  private let families: [IPFamily]
  private let started = Moment.now()

  init(
    setup: DaemonSetup, host: PreparedHost, health: HealthMonitor, board: StatusBoard, cluster: ClusterState
  ) {
    self.setup = setup
    self.health = health
    self.board = board
    self.cluster = cluster
    families = host.families
    let backend = host.backend
    for family in host.families { board.setBackend(family, backend.backend.rawValue, reason: backend.reason) }
  }

  @Sendable func snapshot() async -> StatusSnapshot {
    StatusSnapshot(
      version: setup.version, node: setup.configuration.nodeName, started: started, now: .now(),
      health: health.report, settings: settings, families: board.all, source: setup.source.name,
      watches: setup.source.watches(), clashes: cluster.clashes, cluster: await cluster.snapshot)
  }

  /// Where packets to each address of a Service go, asked by a pod and from outside; nil without such a Service.
  @Sendable func explain(_ name: NamespacedName) async -> String? {
    let whole = await cluster.snapshot
    guard whole.services[name] != nil else { return nil }
    // The Service, and those that claim its addresses: a page must not cost a plan of the whole cluster.
    let part = whole.part(of: [name] + ClashList(families: cluster.clashes).rivals(of: name))
    var texts: [String] = []
    for family in families {
      let options = await cluster.options(of: family)
      guard !Task.isCancelled else { break }
      texts += await PageTurns.compute {
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

  /// A Service with hundreds of ports has thousands of addresses, and a page has to end somewhere.
  private static func shown(_ texts: [String]) -> [String] {
    let most = 20
    guard texts.count > most else { return texts }
    return texts.prefix(most) + ["… and \(texts.count - most) more: swift-kube-proxy explain --all tells them\n"]
  }

  private var settings: [StatusSnapshot.Setting] {
    let configuration = setup.configuration
    let source = configuration.source
    return [
      .init("clusterCIDR", configuration.clusterCIDRs.map(\.description).joined(separator: ",")),
      .init("serviceSubnet", configuration.serviceSubnets.map(\.description).joined(separator: ",")),
      .init("detectLocalMode", source.detectLocalMode),
      .init("nodePortAddresses", (source.nodePortAddresses ?? []).joined(separator: ",")),
      .init("iptables.masqueradeAll", "\(configuration.masqueradeAll)"),
      .init("iptables.masqueradeBit", "\(configuration.masqueradeBit)"),
      .init("iptables.localhostNodePorts", "\(configuration.localhostNodePorts)"),
      .init("iptables.minSyncPeriod", "\(source.iptables.minSyncPeriod)"),
      .init("iptables.syncPeriod", "\(source.iptables.syncPeriod)"),
      .init("dispatch", setup.extra.dispatch.rawValue),
      .init("ignoreExternalIPs", "\(setup.extra.ignoreExternalIPs || !configuration.allowsExternalIPs)"),
      .init("conntrackFlushTCP", "\(setup.flushTCP)"), .init("stateFile", setup.stateFile?.path ?? ""),
    ]
  }
}
