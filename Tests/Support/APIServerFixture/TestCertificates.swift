import Foundation
import System

/// New certificates for a test, made with the `openssl` command in a directory of its own: a CA, a server's
/// certificate and a client's, and a second CA that nobody trusts.
package struct TestCertificates: Sendable {
  package let directory: String

  package var ca: String { directory + "/ca.crt" }
  package var serverCertificate: String { directory + "/server.crt" }
  package var serverKey: String { directory + "/server.key" }
  package var clientCertificate: String { directory + "/client.crt" }
  package var clientKey: String { directory + "/client.key" }
  package var otherCA: String { directory + "/other-ca.crt" }

  /// - Parameters:
  ///   - names: DNS names and IP addresses of the server.
  ///   - clientName: common name of the client's certificate.
  /// - Throws: `ObjectError` with what openssl said.
  package init(
    directory: String, names: [String] = ["localhost", "127.0.0.1", "::1"], clientName: String = "system:kube-proxy"
  ) throws {
    self.directory = directory
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try makeAuthority("ca")
    try makeAuthority("other-ca")
    let alternatives = names.map { Self.isAddress($0) ? "IP:\($0)" : "DNS:\($0)" }.joined(separator: ",")
    try sign("server", subject: "/CN=kube-apiserver", extensions: "subjectAltName=\(alternatives)")
    try sign("client", subject: "/O=system:node-proxier/CN=\(clientName)", extensions: "extendedKeyUsage=clientAuth")
  }

  /// The server's side, which asks clients for a certificate of its CA.
  package var serverTLS: ServerTLS { ServerTLS(certificate: serverCertificate, key: serverKey, clientCA: ca) }

  /// Makes another certificate and key of the CA: `NAME.crt`, `NAME.key` in the directory.
  package func sign(_ name: String, subject: String, extensions: String, days: Int = 2) throws {
    let path = directory + "/" + name
    try Data(extensions.utf8).write(to: URL(fileURLWithPath: path + ".ext"))
    try openssl(
      ["req", "-new"] + Self.newKey + ["-nodes", "-keyout", path + ".key", "-out", path + ".csr", "-subj", subject])
    try openssl([
      "x509", "-req", "-in", path + ".csr", "-CA", ca, "-CAkey", directory + "/ca.key", "-set_serial",
      String(Int.random(in: 1...Int.max)), "-days", String(days), "-extfile", path + ".ext", "-out", path + ".crt",
    ])
  }

  private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]

  private func makeAuthority(_ name: String) throws {
    let path = directory + "/" + name
    try openssl(
      ["req", "-x509"] + Self.newKey + [
        "-nodes", "-keyout", path + ".key", "-out", path + ".crt", "-days", "2", "-subj", "/CN=\(name)",
      ])
  }

  private static func isAddress(_ name: String) -> Bool {
    name.contains(":") || name.allSatisfy { $0.isNumber || $0 == "." }
  }

  private func openssl(_ arguments: [String]) throws {
    let output = try MemoryFile("openssl")
    let streams = Program.Streams(
      input: .nothing, output: .given(try output.duplicate()), error: .given(try output.duplicate()))
    let end = try Program(["openssl"] + arguments).start(streams).wait()
    guard end.code == 0 else { throw ObjectError(description: "openssl \(arguments[0]): \(try output.text())") }
  }
}
