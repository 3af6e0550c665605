/// client-go's v1 Config, with the fields that are read.
struct WireKubeconfig: Decodable {
  struct NamedCluster: Decodable {
    var name: String
    var cluster: Cluster?
  }

  struct Cluster: Decodable {
    var server: String?
    var tlsServerName: String?
    var insecureSkipTLSVerify: Bool?
    var certificateAuthority: String?
    var certificateAuthorityData: String?
    var proxyURL: String?

    enum CodingKeys: String, CodingKey {
      case server
      case tlsServerName = "tls-server-name"
      case insecureSkipTLSVerify = "insecure-skip-tls-verify"
      case certificateAuthority = "certificate-authority"
      case certificateAuthorityData = "certificate-authority-data"
      case proxyURL = "proxy-url"
    }
  }

  struct NamedUser: Decodable {
    var name: String
    var user: User?
  }

  struct User: Decodable {
    var clientCertificate: String?
    var clientCertificateData: String?
    var clientKey: String?
    var clientKeyData: String?
    var token: String?
    var tokenFile: String?
    var username: String?
    var password: String?
    var exec: Exec?
    var authProvider: Unread?
    var impersonate: String?

    enum CodingKeys: String, CodingKey {
      case clientCertificate = "client-certificate"
      case clientCertificateData = "client-certificate-data"
      case clientKey = "client-key"
      case clientKeyData = "client-key-data"
      case token, tokenFile, username, password, exec
      case authProvider = "auth-provider"
      case impersonate = "as"
    }
  }

  /// A value of which only the presence matters.
  struct Unread: Decodable {
    init(from decoder: any Decoder) throws {}
  }

  struct Exec: Decodable {
    struct Variable: Decodable {
      var name: String
      var value: String?
    }

    var apiVersion: String?
    var command: String?
    var args: [String]?
    var env: [Variable]?
    var installHint: String?
    var provideClusterInfo: Bool?
  }

  struct NamedContext: Decodable {
    var name: String
    var context: Context?
  }

  struct Context: Decodable {
    var cluster: String?
    var user: String?
  }

  var clusters: [NamedCluster]?
  var users: [NamedUser]?
  var contexts: [NamedContext]?
  var currentContext: String?

  enum CodingKeys: String, CodingKey {
    case clusters, users, contexts
    case currentContext = "current-context"
  }
}
