import CCurl
import Glibc

/// Everything about a connection that libcurl is told, apart from the request itself.
struct CurlSetup: Sendable {
  var server: ServerURL
  var tlsServerName: String?
  var proxyURL: String?
  var insecureSkipTLSVerify: Bool
  var identity: Identity

  /// Sets the options of a handle. Returns the lists that have to live as long as it.
  func apply(
    to easy: UnsafeMutableRawPointer, request: HTTPRequest
  ) throws(HTTPError) -> [UnsafeMutablePointer<curl_slist>] {
    var lists: [UnsafeMutablePointer<curl_slist>] = []
    ccurl_set_string(easy, CURLOPT_URL, server.url(request.target, named: tlsServerName))
    ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    ccurl_set_string(easy, CURLOPT_ACCEPT_ENCODING, "gzip")
    var headers = ["Host": server.authority, "User-Agent": "swift-kube-proxy", "Accept": "application/json"]
    headers.merge(identity.headers) { $1 }
    headers.merge(request.headers) { $1 }
    lists += Self.list(headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }).map { [$0] } ?? []
    ccurl_set_list(easy, CURLOPT_HTTPHEADER, lists.first)
    if tlsServerName != nil {
      // The URL holds the name to ask for and to verify; the connection still goes to the real host, which stays in
      // the Host header as well.
      let target = Self.list(["::\(server.host):\(server.port)"])
      ccurl_set_list(easy, CURLOPT_CONNECT_TO, target)
      lists += target.map { [$0] } ?? []
    }
    connection(easy)
    try tls(easy)
    return lists
  }

  private func connection(_ easy: UnsafeMutableRawPointer) {
    // All watches share one connection, where the server speaks HTTP/2: a request waits for the handshake of another to
    // learn whether it does. Without TLS it never does, and libcurl would wait for a whole answer to find that out.
    ccurl_set_long(easy, CURLOPT_HTTP_VERSION, ccurl_http_version_2tls())
    ccurl_set_long(easy, CURLOPT_PIPEWAIT, server.scheme == "https" ? 1 : 0)
    ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, 10_000)
    // A peer that is gone is noticed after half a minute by the kernel, whether we are sending (TCP_USER_TIMEOUT) or
    // just waiting (keep-alive). A middlebox that goes on acknowledging is what idle timeouts are for: libcurl can send
    // HTTP/2 pings (curl_easy_upkeep), but does not tell whether they were answered.
    ccurl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    ccurl_set_long(easy, CURLOPT_TCP_KEEPIDLE, 15)
    ccurl_set_long(easy, CURLOPT_TCP_KEEPINTVL, 5)
    ccurl_set_sockopt_callback(easy) { _, descriptor, _ in
      var milliseconds: CUnsignedInt = 30_000
      setsockopt(
        descriptor, CInt(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, socklen_t(MemoryLayout<CUnsignedInt>.size))
      // Without the option the kernel's own, longer timeouts hold.
      return CInt(CURL_SOCKOPT_OK)
    }
    ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    if let proxyURL {
      // Names are resolved by the proxy, as client-go has it.
      let url = proxyURL.hasPrefix("socks5://") ? "socks5h" + proxyURL.dropFirst(6) : proxyURL
      ccurl_set_string(easy, CURLOPT_PROXY, url)
      // An explicit proxy is meant, whatever NO_PROXY in the environment says.
      ccurl_set_string(easy, CURLOPT_NOPROXY, "")
    }
  }

  private func tls(_ easy: UnsafeMutableRawPointer) throws(HTTPError) {
    ccurl_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    if insecureSkipTLSVerify {
      ccurl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 0)
      ccurl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 0)
    }
    if let authority = identity.authority {
      try set(easy, CURLOPT_CAINFO_BLOB, authority)
      // Otherwise the distribution's directory of public authorities would be trusted as well.
      ccurl_set_string(easy, CURLOPT_CAPATH, nil)
    }
    if let certificate = identity.certificate, let key = identity.key {
      ccurl_set_string(easy, CURLOPT_SSLCERTTYPE, "PEM")
      ccurl_set_string(easy, CURLOPT_SSLKEYTYPE, "PEM")
      try set(easy, CURLOPT_SSLCERT_BLOB, certificate)
      try set(easy, CURLOPT_SSLKEY_BLOB, key)
    }
  }

  private func set(_ easy: UnsafeMutableRawPointer, _ option: CURLoption, _ pem: Identity.PEM) throws(HTTPError) {
    let code = pem.bytes.withUnsafeBytes { ccurl_set_blob(easy, option, $0.baseAddress, $0.count) }
    guard code == CURLE_OK else {
      throw .tls(TLSFailure(fault: .authority(source: pem.source), detail: String(cString: curl_easy_strerror(code))))
    }
  }

  private static func list(_ entries: [String]) -> UnsafeMutablePointer<curl_slist>? {
    var list: UnsafeMutablePointer<curl_slist>?
    for entry in entries { list = curl_slist_append(list, entry) }
    return list
  }
}
