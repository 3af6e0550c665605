import ServiceModel
import Synchronization
import System

/// The objects that the benchmark's API server has, with the API server's resource versions, and the watches on them.
final class ServedCluster: Sendable {
  enum ChangeKind: String, Sendable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  struct Change: Sendable {
    let kind: ChangeKind
    let resource: ServedResource
    /// Namespace and name.
    let key: String
    /// The object as JSON with this resource version.
    let json: @Sendable (Int) -> String
  }

  struct Snapshot: Sendable {
    let version: Int
    let objects: [[UInt8]]
  }

  private struct Logged: Sendable {
    let version: Int
    let resource: ServedResource
    let line: [UInt8]
  }

  private struct State: Sendable {
    var version = 1
    var objects: [ServedResource: [String: [UInt8]]] = [:]
    /// What has changed since the start, for watches from an earlier version.
    var log: [Logged] = []
    var watches: [Int: Watch] = [:]
    var lastWatch = 0
  }

  private struct Watch: Sendable {
    let resource: ServedResource
    let send: @Sendable ([UInt8]) -> Void
  }

  private let state = Mutex(State())

  /// Adds an object that exists from the start.
  func put(_ resource: ServedResource, _ key: String, _ json: String) {
    state.withLock { $0.objects[resource, default: [:]][key] = Array(json.utf8) }
  }

  /// Changes objects. When this returns, each change has been written to all watches.
  func publish(_ changes: [Change]) {
    state.withLock { state in
      for change in changes {
        state.version += 1
        let json = Array(change.json(state.version).utf8)
        state.objects[change.resource, default: [:]][change.key] = change.kind == .deleted ? nil : json
        let logged = Logged(
          version: state.version, resource: change.resource, line: ServedCluster.event(change.kind.rawValue, json))
        state.log.append(logged)
        for watch in state.watches.values where watch.resource == change.resource { watch.send(logged.line) }
      }
    }
  }

  /// All objects of a resource, in the order of their keys as etcd has them.
  func snapshot(_ resource: ServedResource) -> Snapshot {
    let (version, objects) = state.withLock { ($0.version, $0.objects[resource] ?? [:]) }
    return Snapshot(version: version, objects: objects.sorted { $0.key < $1.key }.map(\.value))
  }

  /// Passes on all changes after a version. Sends those that have already happened before it returns.
  /// - Parameter send: called under a lock, with one line of the watch's body.
  /// - Returns: what ``endWatch(_:)`` takes.
  func watch(_ resource: ServedResource, after version: Int, send: @escaping @Sendable ([UInt8]) -> Void) -> Int {
    state.withLock { state in
      for logged in state.log where logged.resource == resource && logged.version > version { send(logged.line) }
      state.lastWatch += 1
      state.watches[state.lastWatch] = Watch(resource: resource, send: send)
      return state.lastWatch
    }
  }

  /// When this returns, nothing more is sent.
  func endWatch(_ number: Int) { state.withLock { $0.watches[number] = nil } }

  /// One line of a watch's body.
  static func event(_ kind: String, _ json: [UInt8]) -> [UInt8] {
    Array(#"{"type":"\#(kind)","object":"#.utf8) + json + Array("}\n".utf8)
  }
}

extension ServedCluster {
  /// All initial objects of a synthetic cluster.
  convenience init(_ cluster: SyntheticCluster) {
    self.init()
    put(.nodes, SyntheticCluster.nodeName, ServedObjects.node(cluster.family, version: 1))
    for number in 0..<cluster.services {
      let slice = cluster.slice(number)
      put(.services, "\(cluster.name(number))", ServedObjects.service(cluster.service(number), version: 1))
      put(.endpointslices, "\(slice.name)", ServedObjects.slice(slice, version: 1))
    }
  }
}
