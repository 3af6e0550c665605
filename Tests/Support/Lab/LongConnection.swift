import Synchronization

/// A connection that stays open while a test changes the cluster.
package final class LongConnection: Sendable {
  private let connection: Mutex<Connection>

  /// Opens it from a host. Throws if the connection fails.
  package static func open(_ request: Request, from host: some LabHost) async throws -> LongConnection {
    try await host.namespace.run {
      switch try Connection.open(request) {
      case .success(let connection): LongConnection(connection)
      case .failure(.outcome(let outcome)): throw LabError.unusable("\(request.destination): \(outcome)")
      }
    }
  }

  private init(_ connection: sending Connection) { self.connection = Mutex(connection) }

  /// Asks over the open connection.
  package func ask() async throws -> Outcome {
    try await onOwnThread { self.connection.withLock { $0.ask() } }
  }
}
