import ServiceModel
import System

/// Why a state file cannot be read or written. The daemon continues after each of these errors.
package enum StateFileError: Error, Hashable, Sendable, CustomStringConvertible {
  case missing
  /// The path is not a state file of this program. Such a file is never overwritten.
  case notOurs(String)
  /// The file is incomplete, or something other than its writer changed it.
  case damaged
  case newerVersion(Int)
  case tooLarge
  /// The checksum is right, but the content is not what a writer of this version makes.
  case malformed(String, offset: Int)
  case otherCluster
  case otherNode(String)
  case tooOld(age: Duration)
  /// Another process is writing the file.
  case busy
  case system(SystemError)

  package var description: String {
    switch self {
    case .missing: "it does not exist"
    case .notOurs(let reason): "it is not a state file of this program: \(reason)"
    case .damaged: "it is incomplete or damaged: its checksum is wrong"
    case .newerVersion(let version):
      "it has format version \(version); this program reads versions up to \(StateFormat.version)"
    case .tooLarge: "it is larger than \(StateFormat.byteLimit >> 20) MiB"
    case .malformed(let problem, let offset): "byte \(offset): \(problem)"
    case .otherCluster: "it is of another cluster: the API server's URL or its certificate authority differs"
    case .otherNode(let name): "it is of another node, \(name.quoted)"
    case .tooOld(let age): "it is \(age.components.seconds) seconds old, which is more than --state-max-age"
    case .busy: "another process is writing it"
    case .system(let error): "\(error)"
    }
  }
}

extension StateFileError {
  /// Runs `body`, and converts an error of the operating system to a `StateFileError`.
  @discardableResult
  static func wrap<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) throws(StateFileError) -> Result {
    do throws(SystemError) { return try body() } catch { throw .system(error) }
  }
}
