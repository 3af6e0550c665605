import ServiceModel
import System

/// Why a state file cannot be read or written. None of it is a reason for a daemon to end.
package enum StateFileError: Error, Hashable, Sendable, CustomStringConvertible {
  case missing
  /// Something else has the path; it is never overwritten.
  case notOurs(String)
  /// Cut, or changed by something other than its writer.
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
    case .damaged: "it is cut or damaged: its checksum is wrong"
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
  /// Does work of which only the operating system can refuse a part.
  @discardableResult
  static func wrap<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) throws(StateFileError) -> Result {
    do throws(SystemError) { return try body() } catch { throw .system(error) }
  }
}
