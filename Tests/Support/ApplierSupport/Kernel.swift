import Applier
import ServiceModel

/// A backend and a family, as arguments of kernel tests.
package struct Kernel: Sendable, CustomStringConvertible {
  package let backend: Backend
  package let family: IPFamily

  package init(backend: Backend, family: IPFamily) {
    self.backend = backend
    self.family = family
  }

  /// Every pair.
  package static let all = Backend.allCases.flatMap { backend in
    IPFamily.allCases.map { Kernel(backend: backend, family: $0) }
  }

  package var description: String { "\(backend.rawValue) \(family.rawValue)" }
}
