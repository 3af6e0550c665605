import ServiceModel

/// A sync that failed. The rules that packets met before are still there.
public struct ApplyError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Attempt: String, Sendable {
    case readingKernel = "reading the kernel's rules"
    case restoring = "writing rules"
    /// A partial sync was asked for while the kernel's state is unknown.
    case partialSync = "partial sync"
  }

  public var family: IPFamily
  public var attempt: Attempt
  /// nil where no program was involved.
  public var command: CommandError?
  /// nil where nf_tables was not asked itself.
  public var kernel: NetlinkError?
  /// The input line that failed with a few around it.
  public var context: FailingInput?

  public init(
    family: IPFamily, attempt: Attempt, command: CommandError? = nil, kernel: NetlinkError? = nil,
    context: FailingInput? = nil
  ) {
    self.kernel = kernel
    self.family = family
    self.attempt = attempt
    self.command = command
    self.context = context
  }

  public var description: String {
    var text = "\(family.rawValue): \(attempt.rawValue) failed"
    if let command { text += ": \(command)" }
    if let kernel { text += ": \(kernel)" }
    if let context { text += "\n\(context)" }
    return text
  }
}
