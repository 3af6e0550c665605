/// The directories to watch, and which names in them matter.
package struct DirectoryInterests: Hashable, Sendable {
  package enum Names: Hashable, Sendable {
    case all
    case some(Set<String>)

    func union(_ other: Names) -> Names {
      guard case .some(let mine) = self, case .some(let others) = other else { return .all }
      return .some(mine.union(others))
    }

    func contains(_ name: String) -> Bool {
      switch self {
      case .all: true
      case .some(let names): names.contains(name)
      }
    }
  }

  package private(set) var directories: [String: Names] = [:]

  package init() {}

  package mutating func add(_ directory: String, _ names: Names) {
    directories[directory] = directories[directory]?.union(names) ?? names
  }

  package mutating func add(_ other: DirectoryInterests) {
    for (directory, names) in other.directories { add(directory, names) }
  }
}
