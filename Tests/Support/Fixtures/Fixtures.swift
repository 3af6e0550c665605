import Foundation

/// The files of `Tests/Fixtures`; its README says where each comes from.
///
/// A test that needs one fails where it is missing: a fixture belongs to the repository like the test itself.
package enum Fixtures {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Fixtures").standardized

  /// What the real kube-proxy made of given objects: `cases/NAME/…`, answers of its HTTP ports, and `compare.py`.
  package static let kubeProxy = folder.appending(path: "kube-proxy")

  /// What a real API server answered: `NAME.headers.txt` and `NAME.body.…`.
  package static let apiServer = folder.appending(path: "apiserver")

  /// Names of the captured cases, in order.
  package static let cases = names(in: kubeProxy.appending(path: "cases"))

  /// Names of the recorded answers, in order.
  package static let answers = names(in: apiServer).filter { $0.hasSuffix(headers) }
    .map { String($0.dropLast(headers.count)) }

  private static let headers = ".headers.txt"

  private static func names(in folder: URL) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
    } catch {
      preconditionFailure("fixtures of the repository cannot be read: \(error)")
    }
  }
}
