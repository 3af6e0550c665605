/// Why a server could not be started.
public struct ListenError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Step: String, Hashable, Sendable {
    case socket, bind, listen, wake
  }

  public let address: ListenAddress?
  public let step: Step
  public let code: Int32
  /// The system's words for `code`.
  public let cause: String

  /// In the words that Go's net package has for it, as kube-proxy's events do.
  public var description: String {
    "listen tcp\(address.map { " \($0)" } ?? ""): \(step.rawValue): \(cause.prefix(1).lowercased() + cause.dropFirst())"
  }
}
