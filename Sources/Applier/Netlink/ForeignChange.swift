import IPTables
import ServiceModel

/// A commit to nf_tables by another program that changed the proxy's rules, or may have changed them.
package struct ForeignChange: Sendable, Equatable, CustomStringConvertible {
  /// The families in which the proxy's chains, or the rules of built-in chains, were changed.
  package var families: Set<IPFamily>
  /// As the kernel reports them: the pid in the initial pid namespace, and the first 15 bytes of the program's name.
  package var pid: Int32
  package var program: String
  /// Whether messages were lost, so that any program may have changed anything.
  var isOverrun: Bool

  package init(families: Set<IPFamily>, pid: Int32, program: String, isOverrun: Bool = false) {
    self.families = families
    self.pid = pid
    self.program = program
    self.isOverrun = isOverrun
  }

  package var description: String {
    if isOverrun { return "messages about changes of nf_tables were lost; any rule may have changed" }
    let names = families.sorted().map(\.rawValue).joined(separator: " and ")
    return "\(program) (pid \(pid)) changed the proxy's \(names) rules"
  }

  /// Both changes as one, so that one check of the rules answers both. It has the name of the later program.
  func merged(into later: ForeignChange) -> ForeignChange {
    var result = later
    result.families.formUnion(families)
    result.isOverrun = isOverrun || later.isOverrun
    return result
  }
}
