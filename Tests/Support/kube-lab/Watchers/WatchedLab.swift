import APIServerFixture
import Foundation

/// The lab's API server with Services whose slices have many endpoints.
struct WatchedLab {
  let store = ObjectStore()
  let server: APIServer
  private let endpoints: Int

  init(services: Int, endpoints: Int) throws {
    self.endpoints = endpoints
    server = APIServer(store: store)
    for number in 0..<services {
      try store.apply(WatchedObjects.service(number))
      try store.apply(WatchedObjects.slice(number, endpoints: endpoints))
    }
    try server.start()
  }

  /// Changes the first slice: makes another endpoint not ready.
  func change(_ number: Int) throws {
    try store.apply(WatchedObjects.slice(0, endpoints: endpoints, unready: number % endpoints))
  }
}
