import Glibc

/// Why a server cannot listen.
package struct ListenError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Step: String, Hashable, Sendable {
    case socket, bind, listen, wake
  }

  package let address: ListenAddress?
  package let step: Step
  package let code: Int32
  /// The system's text for `code`.
  package let cause: String

  package init(address: ListenAddress?, step: Step, code: Int32) {
    self.address = address
    self.step = step
    self.code = code
    cause = String(cString: strerror(code))
  }

  /// In the words of Go's net package, as in kube-proxy's Events.
  package var description: String {
    "listen tcp\(address.map { " \($0)" } ?? ""): \(step.rawValue): \(cause.prefix(1).lowercased() + cause.dropFirst())"
  }
}
