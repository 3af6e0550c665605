import IPTables
import ServiceModel

/// A commit to nf_tables by somebody else that touched rules of ours, or may have.
public struct ForeignChange: Sendable, Equatable, CustomStringConvertible {
  /// Families in which chains of ours, or the rules of the built-in chains, were touched.
  public var families: Set<IPFamily>
  /// As the kernel gives them: the pid in the initial pid namespace, and the first 15 bytes of the program's name.
  public var pid: Int32
  public var program: String
  /// Whether messages were lost, so that anything may have been changed by anybody.
  public var isOverrun: Bool

  public init(families: Set<IPFamily>, pid: Int32, program: String, isOverrun: Bool = false) {
    self.families = families
    self.pid = pid
    self.program = program
    self.isOverrun = isOverrun
  }

  public var description: String {
    if isOverrun { return "nf_tables changed faster than it could be followed" }
    let names = families.sorted().map(\.rawValue).joined(separator: " and ")
    return "\(program) (pid \(pid)) changed \(names) rules of ours"
  }
}
