import FoundationEssentials
import KubernetesAPI
import ServiceModel
import YAML

/// Resolves the current context of a kubeconfig to its cluster and user.
struct KubeconfigReader {
  let path: String
  private var context = ""

  init(path: String) { self.path = path }

  func read(_ bytes: [UInt8]) throws(KubeconfigError) -> APIServerConnection {
    let wire = try decode(bytes)
    var reader = self
    return try reader.resolve(wire)
  }

  private func decode(_ bytes: [UInt8]) throws(KubeconfigError) -> WireKubeconfig {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw failure("", "is not UTF-8") }
    do {
      guard let document = try YAMLDocuments(text).next() else { throw failure("", "is empty") }
      return try JSONDecoder().decode(WireKubeconfig.self, from: Data(try YAMLToJSON.convert(document.root)))
    } catch let error as KubeconfigError {
      throw error
    } catch let error as YAMLError {
      throw failure("", error.line.map { "line \($0): \(error.problem)" } ?? error.problem)
    } catch {
      let diagnosis = JSONDiagnosis(source: ObjectSource(name: path)).failure(error)
      throw failure(diagnosis.field ?? "", diagnosis.problem)
    }
  }

  private mutating func resolve(_ wire: WireKubeconfig) throws(KubeconfigError) -> APIServerConnection {
    let name = try currentContext(wire)
    context = name
    guard let found = wire.contexts?.first(where: { $0.name == name })?.context else {
      throw failure("contexts", "there is no context \(name.quoted)")
    }
    let clusterName = found.cluster ?? ""
    guard let cluster = wire.clusters?.first(where: { $0.name == clusterName })?.cluster else {
      throw failure("contexts[\(name)].context.cluster", "there is no cluster \(clusterName.quoted)")
    }
    let userName = found.user ?? ""
    let user = wire.users?.first { $0.name == userName }
    if user == nil && !userName.isEmpty {
      throw failure("contexts[\(name)].context.user", "there is no user \(userName.quoted)")
    }
    var result = try self.cluster(cluster, named: clusterName)
    if let user = user?.user { try add(user, named: userName, to: &result) }
    return result
  }

  /// If no context is marked as current, the only context is used.
  private func currentContext(_ wire: WireKubeconfig) throws(KubeconfigError) -> String {
    if let name = wire.currentContext, !name.isEmpty { return name }
    if let contexts = wire.contexts, contexts.count == 1 { return contexts[0].name }
    throw failure("current-context", "is missing")
  }

  private func cluster(
    _ wire: WireKubeconfig.Cluster, named name: String
  ) throws(KubeconfigError) -> APIServerConnection {
    let path = "clusters[\(name)].cluster"
    var result = APIServerConnection(
      server: wire.server ?? "", insecureSkipTLSVerify: wire.insecureSkipTLSVerify ?? false,
      tlsServerName: wire.tlsServerName.nonEmpty, proxyURL: wire.proxyURL.nonEmpty)
    if result.server.isEmpty { throw failure("\(path).server", "is missing") }
    result.certificateAuthority = try pem(
      data: wire.certificateAuthorityData, path, "certificate-authority-data", of: "cluster \"\(name)\"",
      file: wire.certificateAuthority)
    if result.insecureSkipTLSVerify && result.certificateAuthority != nil {
      throw failure("\(path).insecure-skip-tls-verify", "cannot be true if a certificate authority is given")
    }
    return result
  }

  private func add(
    _ wire: WireKubeconfig.User, named name: String, to result: inout APIServerConnection
  ) throws(KubeconfigError) {
    let path = "users[\(name)].user"
    if wire.authProvider != nil {
      throw failure("\(path).auth-provider", "is no longer supported; use exec")
    }
    if wire.impersonate.nonEmpty != nil { throw failure("\(path).as", "is not supported") }
    let user = "user \"\(name)\""
    let certificate = try pem(
      data: wire.clientCertificateData, path, "client-certificate-data", of: user, file: wire.clientCertificate)
    let key = try pem(data: wire.clientKeyData, path, "client-key-data", of: user, file: wire.clientKey)
    switch (certificate, key) {
    case (let certificate?, let key?):
      result.clientCertificate = ClientCertificate(certificate: certificate, key: key)
    case (nil, nil): break
    case (_, nil): throw failure("\(path).client-key", "is missing, but a client certificate is given")
    case (nil, _): throw failure("\(path).client-certificate", "is missing, but a client key is given")
    }
    result.credential = try credential(wire, path)
  }

  /// A token file has priority over an inline token, because the file is read again when it changes (as in client-go).
  private func credential(
    _ wire: WireKubeconfig.User, _ path: String
  ) throws(KubeconfigError) -> UserCredential {
    let isBasic = wire.username.nonEmpty != nil || wire.password.nonEmpty != nil
    let hasToken = wire.token.nonEmpty != nil || wire.tokenFile.nonEmpty != nil
    if isBasic && hasToken { throw failure("\(path).username", "cannot be combined with a token") }
    if wire.exec != nil && (isBasic || hasToken) {
      throw failure("\(path).exec", "cannot be combined with another credential")
    }
    if let file = wire.tokenFile.nonEmpty { return .tokenFile(path: absolute(file)) }
    if let token = wire.token.nonEmpty {
      guard token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
        throw failure("\(path).token", "has characters that an HTTP header cannot contain")
      }
      return .token(token)
    }
    if isBasic { return .basic(user: wire.username ?? "", password: wire.password ?? "") }
    return try wire.exec.map { exec throws(KubeconfigError) in .exec(try self.exec(exec, "\(path).exec")) } ?? .none
  }

  private func exec(_ wire: WireKubeconfig.Exec, _ path: String) throws(KubeconfigError) -> ExecPlugin {
    let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
    let version = wire.apiVersion ?? ""
    guard versions.contains(version) else {
      throw failure("\(path).apiVersion", "\(version.quoted) is not one of \(versions.joined(separator: ", "))")
    }
    guard let command = wire.command.nonEmpty else { throw failure("\(path).command", "is missing") }
    let environment = (wire.env ?? []).map { ($0.name, $0.value ?? "") }
    for (index, text) in ([command] + (wire.args ?? [])).enumerated() where text.utf8.contains(0) {
      throw failure(index == 0 ? "\(path).command" : "\(path).args[\(index - 1)]", "contains a NUL character")
    }
    for (index, (name, value)) in environment.enumerated() {
      if name.isEmpty || name.contains("=") || name.utf8.contains(0) {
        throw failure("\(path).env[\(index)].name", "\(name.quoted) is not a valid name of a variable")
      }
      if value.utf8.contains(0) { throw failure("\(path).env[\(index)].value", "contains a NUL character") }
    }
    return ExecPlugin(
      apiVersion: version, command: command.contains("/") ? absolute(command) : command, arguments: wire.args ?? [],
      environment: Dictionary(environment, uniquingKeysWith: { _, last in last }),
      installHint: wire.installHint ?? "", provideClusterInfo: wire.provideClusterInfo ?? false)
  }

  /// Inline data has priority over a file.
  private func pem(
    data: String?, _ path: String, _ field: String, of owner: String, file: String?
  ) throws(KubeconfigError) -> PEMSource? {
    if let data = data.nonEmpty {
      guard let bytes = Data(base64Encoded: data, options: .ignoreUnknownCharacters), !bytes.isEmpty else {
        throw failure("\(path).\(field)", "is not base64")
      }
      return .data([UInt8](bytes), origin: "\(field) of \(owner) in \(self.path)")
    }
    return file.nonEmpty.map { .file(path: absolute($0)) }
  }

  private func absolute(_ file: String) -> String {
    guard !file.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return file }
    return path[...slash] + file
  }

  private func failure(_ field: String, _ problem: String) -> KubeconfigError {
    KubeconfigError(path: path, context: context, field: field, problem: problem)
  }
}

extension String? {
  /// The text; nil if it is empty.
  fileprivate var nonEmpty: String? { self?.isEmpty == false ? self : nil }
}
