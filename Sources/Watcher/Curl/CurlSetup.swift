import CCurl
import Glibc
import HTTP

/// All libcurl options of a connection, except those of the request itself.
struct CurlSetup: Sendable {
  var server: ServerURL
  var tlsServerName: String?
  var proxyURL: String?
  var insecureSkipTLSVerify: Bool
  var identity: Identity

  /// Sets the options of a handle. Returns the lists, which must live as long as the handle.
  func apply(
    to easy: UnsafeMutableRawPointer, request: APIRequest
  ) throws(HTTPError) -> [UnsafeMutablePointer<curl_slist>] {
    var lists: [UnsafeMutablePointer<curl_slist>] = []
    ccurl_set_string(easy, CURLOPT_URL, server.url(request.target, named: tlsServerName))
    ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    ccurl_set_string(easy, CURLOPT_ACCEPT_ENCODING, "gzip")
    var headers: HTTPHeaders = [
      .host: server.authority, "User-Agent": "swift-kube-proxy", .accept: "application/json",
    ]
    headers.merge(identity.headers)
    headers.merge(request.headers)
    lists += Self.list(headers.lines).map { [$0] } ?? []
    ccurl_set_list(easy, CURLOPT_HTTPHEADER, lists.first)
    if tlsServerName != nil {
      // The URL contains the name to send and to verify in TLS. The connection still goes to the real host, and the
      // Host header still contains the real host.
      let target = Self.list(["::\(server.host):\(server.port)"])
      ccurl_set_list(easy, CURLOPT_CONNECT_TO, target)
      lists += target.map { [$0] } ?? []
    }
    connection(easy)
    try tls(easy)
    return lists
  }

  private func connection(_ easy: UnsafeMutableRawPointer) {
    // If the server supports HTTP/2, all watches share one connection. PIPEWAIT makes a request wait for another
    // request's TLS handshake, which tells whether the server supports HTTP/2. Without TLS the server never uses
    // HTTP/2, and libcurl would wait for a complete answer before it knows.
    ccurl_set_long(easy, CURLOPT_HTTP_VERSION, ccurl_http_version_2tls())
    ccurl_set_long(easy, CURLOPT_PIPEWAIT, server.scheme == "https" ? 1 : 0)
    ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, 10_000)
    // If the peer is gone, the kernel notices after half a minute: TCP_USER_TIMEOUT while we send, keep-alive while we
    // wait. A middlebox may continue to acknowledge packets for a dead server; the idle timeouts detect this case.
    // libcurl can send HTTP/2 pings (curl_easy_upkeep), but it does not report whether they were answered.
    ccurl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    ccurl_set_long(easy, CURLOPT_TCP_KEEPIDLE, 15)
    ccurl_set_long(easy, CURLOPT_TCP_KEEPINTVL, 5)
    ccurl_set_sockopt_callback(easy) { _, descriptor, _ in
      var milliseconds: CUnsignedInt = 30_000
      setsockopt(
        descriptor, CInt(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, socklen_t(MemoryLayout<CUnsignedInt>.size))
      // If the option cannot be set, the kernel's own, longer timeouts apply.
      return CInt(CURL_SOCKOPT_OK)
    }
    ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    if let proxyURL {
      // The proxy resolves names, as in client-go.
      let url = proxyURL.hasPrefix("socks5://") ? "socks5h" + proxyURL.dropFirst(6) : proxyURL
      ccurl_set_string(easy, CURLOPT_PROXY, url)
      // An explicit proxy is always used, even if NO_PROXY in the environment matches.
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
      try set(easy, CURLOPT_CAINFO_BLOB, authority, fault: .authority(source: authority.source))
      // Otherwise libcurl would also trust the distribution's directory of public authorities.
      ccurl_set_string(easy, CURLOPT_CAPATH, nil)
    }
    if let certificate = identity.certificate, let key = identity.key {
      ccurl_set_string(easy, CURLOPT_SSLCERTTYPE, "PEM")
      ccurl_set_string(easy, CURLOPT_SSLKEYTYPE, "PEM")
      try set(easy, CURLOPT_SSLCERT_BLOB, certificate, fault: .clientCertificate(source: certificate.source))
      try set(easy, CURLOPT_SSLKEY_BLOB, key, fault: .clientCertificate(source: key.source))
    }
  }

  private func set(
    _ easy: UnsafeMutableRawPointer, _ option: CURLoption, _ pem: Identity.PEM, fault: TLSFailure.Fault
  ) throws(HTTPError) {
    let code = pem.bytes.withUnsafeBytes { ccurl_set_blob(easy, option, $0.baseAddress, $0.count) }
    guard code == CURLE_OK else {
      throw .tls(TLSFailure(fault: fault, detail: String(cString: curl_easy_strerror(code))))
    }
  }

  private static func list(_ entries: [String]) -> UnsafeMutablePointer<curl_slist>? {
    var list: UnsafeMutablePointer<curl_slist>?
    for entry in entries { list = curl_slist_append(list, entry) }
    return list
  }
}
