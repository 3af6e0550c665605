import Configuration
import KubernetesAPI
import Logging
import ServiceModel
import Synchronization
import Watcher

/// The watches of one node. Counts what arrives and stores none of it.
final class WatchingNode: Sendable {
  private struct State {
    /// Number of resources that have been listed.
    var listed = 0
    /// Number of events after the lists.
    var events = 0
    var waiter: (isMet: @Sendable (Int, Int) -> Bool, continuation: CheckedContinuation<Void, Never>)?
  }

  private let state = Mutex(State())
  private let transport: CountingTransport
  private let channel = ClusterEventChannel()
  private let watcher: ClusterWatcher
  private let resources: Int

  init(
    _ name: String, _ connection: APIServerConnection, acceptsJSONAlone: Bool, followsServiceCIDRs: Bool
  ) throws {
    let resources = ResourceKind.watched(withServiceCIDRs: followsServiceCIDRs)
    transport = CountingTransport(try CurlTransport(connection), acceptsJSONAlone: acceptsJSONAlone)
    watcher = ClusterWatcher(
      transport: transport, nodeName: name, output: channel,
      logger: Logger(label: name) { _ in SwiftLogNoOpLogHandler() }, resources: resources)
    self.resources = resources.count
  }

  /// Bytes of the response bodies so far, after decompression.
  var bytes: Int { transport.bytes }
  var requests: Int { transport.requests }
  var events: Int { state.withLock { $0.events } }

  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.watcher.run() }
      group.addTask { await self.count() }
      await group.next()
      group.cancelAll()
    }
  }

  func waitForStart() async {
    let resources = resources
    await wait { listed, _ in listed >= resources }
  }

  func waitForEvents(_ count: Int) async { await wait { _, events in events >= count } }

  private func count() async {
    while case let events = await channel.next(), !events.isEmpty {
      let lists = events.filter(\.isList).count
      state.withLock { state in
        state.listed += lists
        state.events += events.count - lists
        guard let waiter = state.waiter, waiter.isMet(state.listed, state.events) else { return }
        waiter.continuation.resume()
        state.waiter = nil
      }
    }
  }

  private func wait(_ isMet: @escaping @Sendable (Int, Int) -> Bool) async {
    await withCheckedContinuation { continuation in
      state.withLock { state in
        if isMet(state.listed, state.events) { return continuation.resume() }
        state.waiter = (isMet, continuation)
      }
    }
  }
}

extension ClusterEvent {
  fileprivate var isList: Bool {
    switch self {
    case .replaceServices, .replaceSlices, .replaceNodes, .replaceServiceCIDRs: true
    default: false
    }
  }
}
