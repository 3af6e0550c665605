/// Why a server cannot listen.
public struct ListenError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Step: String, Hashable, Sendable {
    case socket, bind, listen, wake
  }

  public let address: ListenAddress?
  public let step: Step
  public let code: Int32
  /// The system's text for `code`.
  public let cause: String

  /// In the words of Go's net package, as in kube-proxy's Events.
  public var description: String {
    "listen tcp\(address.map { " \($0)" } ?? ""): \(step.rawValue): \(cause.prefix(1).lowercased() + cause.dropFirst())"
  }
}
