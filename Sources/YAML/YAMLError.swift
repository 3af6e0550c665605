/// Why a text, or one of its documents, cannot be read as YAML.
package struct YAMLError: Error, Equatable {
  /// Counted from 1; nil only if libyaml has no memory.
  package var line: Int?
  package var problem: String

  package init(line: Int?, problem: String) {
    self.line = line
    self.problem = problem
  }
}
