import ServiceModel

/// The kernel does not report changes of files any more, so they cannot be followed.
struct FileChangesEnded: Error, Hashable, CustomStringConvertible {
  let path: String

  var description: String { "cannot follow \(path.printable): the kernel has stopped reporting changes of files" }
}
