import Conntrack
import Health
import IPTables
import ServiceModel
import Telemetry
import Time
import Watcher

/// The content of the status page as JSON, with the same filter and paging.
struct StatusJSON {
  let status: StatusSnapshot

  func overview(_ page: ServiceQuery.Page) -> JSONValue {
    let clashes = ClashList(families: status.clashes)
    var members: [JSONValue.Member] = [
      .init("program", .string("swift-kube-proxy")), .init("version", .string(status.version)),
      .init("node", .string(status.node)), .init("started", time(status.started.wall)),
      .init("time", time(status.now.wall)),
      .init("uptimeSeconds", .int(Int(status.started.duration(to: status.now).components.seconds))),
      .init("healthy", .bool(status.health.isHealthy)), .init("nodeEligible", .bool(status.health.isNodeEligible)),
      .init("families", .array(status.families.map(family))), .init("source", .string(status.source)),
      .init("watches", .array(status.watches.map(watch))),
      .init("clashes", clashes.json), .init("clashCount", .int(clashes.count)),
      .init("configuration", .object(status.settings.map { .init($0.name, .string($0.value)) })),
      .init(
        "services",
        .object([
          .init("total", .int(page.total)), .init("matching", .int(page.matching)), .init("page", .int(page.page)),
          .init("pages", .int(page.pages)), .init("items", .array(page.services.map(StatusJSON.service))),
        ])),
    ]
    if let shadow = status.shadow {
      members.append(.init("shadow", ShadowList(families: shadow, now: status.now).json))
    }
    if let state = status.health.stateTime {
      members.append(
        .init(
          "restoredState",
          .object([
            .init("time", time(state)),
            .init("ageSeconds", .int(Int(state.age(at: status.now.wall).components.seconds))),
          ])))
    }
    return .object(members)
  }

  /// One Service with one page of its endpoints, and the text of `explain` if there is one.
  static func detail(_ detail: ServiceDetail) -> JSONValue {
    guard case .object(var members) = service(detail.summary) else { return .null }
    let endpoints = detail.shown.map(endpoint)
    members += [
      .init("endpointSlices", .array(endpoints)), .init("endpointTotal", .int(detail.total)),
      .init("page", .int(detail.page)), .init("pages", .int(detail.pages)),
    ]
    if let explanation = detail.explanation { members.append(.init("explanation", .string(explanation))) }
    return .object(members)
  }

  private func family(_ family: StatusBoard.Family) -> JSONValue {
    let health = status.health.families[family.family]
    var members: [JSONValue.Member] = [
      .init("family", .string(family.family.rawValue)), .init("healthy", .bool(health?.isHealthy ?? true)),
      .init("lastUpdated", health?.lastUpdated.map(time) ?? .null), .init("backend", .string(family.backend)),
      .init("backendReason", .string(family.backendReason)),
      .init(
        "tables",
        .object(
          family.tables.map {
            .init($0.table.rawValue, .object([.init("chains", .int($0.chains)), .init("rules", .int($0.rules))]))
          })), .init("syncCount", .int(family.syncCount)), .init("failureCount", .int(family.failureCount)),
      .init("syncs", .array(family.syncs.map(sync))),
    ]
    if let conntrack = family.conntrack {
      members.append(
        .init(
          "conntrack",
          .object([
            .init("examined", .int(conntrack.report.examined)), .init("deleted", .int(conntrack.report.deleted)),
            .init("deletedTotal", .int(family.conntrackDeleted)),
            .init("seconds", .number(conntrack.duration.inSeconds)),
            .init("error", conntrack.error.map { .string($0.description) } ?? .null),
          ])))
    }
    return .object(members)
  }

  private func sync(_ sync: StatusBoard.Sync) -> JSONValue {
    let kind: (String, JSONValue) =
      switch sync.outcome {
      case .full(let reason): ("full", .string(reason))
      case .partial: ("partial", .null)
      case .failed(let error): ("failed", .string(error))
      }
    return .object([
      .init("end", time(sync.end.wall)), .init("seconds", .number(sync.duration.inSeconds)),
      .init("kind", .string(kind.0)), .init("reason", kind.1), .init("services", .int(sync.services)),
      .init("rulesWritten", .int(sync.rulesWritten)),
    ])
  }

  private func watch(_ watch: WatchStatus) -> JSONValue {
    .object([
      .init("resource", .string(watch.resource.plural)), .init("state", .string(watch.state.rawValue)),
      .init("objects", .int(watch.objects)), .init("lists", .int(watch.lists)), .init("errors", .int(watch.errors)),
      .init("rejectedObjects", .int(watch.rejectedObjects)),
      .init("lastEvent", watch.lastEventTime.map(time) ?? .null),
      .init("lastError", watch.lastError.map { .string($0) } ?? .null),
      .init("resourceVersion", .string(watch.lastResourceVersion)),
    ])
  }

  private static func service(_ summary: ServiceSummary) -> JSONValue {
    let service = summary.service
    func texts(_ values: some Sequence<IPAddress>) -> JSONValue { .array(values.map { .string($0.description) }) }
    return .object([
      .init("namespace", .string(service.name.namespace)), .init("name", .string(service.name.name)),
      .init("type", .string(service.type.rawValue)), .init("clusterIPs", texts(service.clusterIPs)),
      .init("loadBalancerIPs", texts(service.loadBalancerIPs)), .init("externalIPs", texts(service.externalIPs)),
      .init("ports", .array(summary.ports.map { .string($0) })),
      .init("internalTrafficPolicy", .string(service.internalTrafficPolicy.rawValue)),
      .init("externalTrafficPolicy", .string(service.externalTrafficPolicy.rawValue)),
      .init("state", .string(summary.state.rawValue)),
      .init(
        "endpoints",
        .object([
          .init("ready", .int(summary.counts.ready)), .init("readyHere", .int(summary.counts.local)),
          .init("draining", .int(summary.counts.draining)), .init("notReady", .int(summary.counts.notReady)),
        ])),
    ])
  }

  private static func endpoint(_ slice: EndpointSlice, _ endpoint: Endpoint) -> JSONValue {
    .object([
      .init("address", .string(endpoint.address.description)), .init("state", .string(ServiceDetail.state(endpoint))),
      .init("node", endpoint.nodeName.map { .string($0) } ?? .null), .init("slice", .string(slice.name.name)),
      .init("zoneHints", .array(endpoint.zoneHints.map { .string($0) })),
      .init("nodeHints", .array(endpoint.nodeHints.map { .string($0) })),
    ])
  }

  private func time(_ time: WallTime) -> JSONValue { .string(time.rfc3339) }
}
