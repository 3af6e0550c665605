import ServiceModel
import System

/// A sync that failed. The transactions before the failed one are in the kernel. The failed transaction changed
/// nothing, and the later ones were not written.
package struct ApplyError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Attempt: String, Sendable {
    case readingKernel = "reading the kernel's rules"
    case restoring = "writing rules"
    /// A partial sync was requested, but the kernel's state is unknown.
    case partialSync = "partial sync"
  }

  package var family: IPFamily
  package var attempt: Attempt
  /// nil if no program was involved.
  package var command: CommandError?
  /// nil if nf_tables was not read directly.
  package var kernel: SystemError?
  /// The input line that failed, with a few lines around it.
  package var context: FailingInput?

  package init(
    family: IPFamily, attempt: Attempt, command: CommandError? = nil, kernel: SystemError? = nil,
    context: FailingInput? = nil
  ) {
    self.kernel = kernel
    self.family = family
    self.attempt = attempt
    self.command = command
    self.context = context
  }

  package var description: String {
    if attempt == .partialSync {
      return "\(family.rawValue): a partial sync is not possible, because the kernel's rules are not known"
    }
    var text = "\(family.rawValue): \(attempt.rawValue) failed"
    if let command { text += ": \(command)" }
    if let kernel { text += ": \(kernel)" }
    if let context { text += "\n\(context)" }
    return text
  }
}
