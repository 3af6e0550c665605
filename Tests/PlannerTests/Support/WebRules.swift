import ServiceModel

/// Rules that many cases expect of Service `web`, in the form of `TestCluster.serviceRules`. Its port 80 leads to port
/// 8080 of its endpoints, its node port is 30080. One case of `ClusterIPRulesTests` writes all its rules out.
struct WebRules {
  private let match: String

  init(_ transport: TransportProtocol = .tcp) { match = "-m \(transport.lowercased) -p \(transport.lowercased)" }

  /// External policy Cluster: a client of an external address is masqueraded and gets any endpoint.
  let external = """
    nat KUBE-EXT-web -m comment --comment "masquerade traffic for default/web external destinations" -j KUBE-MARK-MASQ
    nat KUBE-EXT-web -j KUBE-SVC-web
    """

  /// External policy Local: a pod gets any endpoint.
  let podShortCut = """
    nat KUBE-EXT-web -m comment --comment "pod traffic for default/web external destinations" -s 10.10.0.0/16 -j KUBE-SVC-web
    """

  /// External policy Local: the host gets any endpoint.
  let hostShortCut = """
    nat KUBE-EXT-web -m comment --comment "masquerade LOCAL traffic for default/web external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ
    nat KUBE-EXT-web -m comment --comment "route LOCAL traffic for default/web external destinations" -m addrtype --src-type LOCAL -j KUBE-SVC-web
    """

  /// A client of the cluster IP that is no pod is masqueraded.
  func masquerade(in chain: String = "KUBE-SVC-web") -> String {
    """
    nat \(chain) -m comment --comment "default/web cluster IP" \(match) -d 10.200.1.16 --dport 80 ! -s 10.10.0.0/16 -j KUBE-MARK-MASQ
    """
  }

  func only(_ address: String, in chain: String = "KUBE-SVC-web") -> String {
    """
    nat \(chain) -m comment --comment "default/web -> \(address):8080" -j KUBE-SEP-web/\(address):8080
    """
  }

  func either(_ address: String, or other: String) -> String {
    """
    nat KUBE-SVC-web -m comment --comment "default/web -> \(address):8080" -m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-web/\(address):8080
    \(only(other))
    """
  }

  /// The chains of endpoints.
  func endpoints(_ addresses: String...) -> String {
    addresses.map { address in
      """
      nat KUBE-SEP-web/\(address):8080 -m comment --comment default/web -s \(address) -j KUBE-MARK-MASQ
      nat KUBE-SEP-web/\(address):8080 -m comment --comment default/web \(match) -j DNAT --to-destination \(address):8080
      """
    }.joined(separator: "\n")
  }

  func clusterIP(to chain: String = "KUBE-SVC-web") -> String {
    """
    nat KUBE-SERVICES -m comment --comment "default/web cluster IP" \(match) -d 10.200.1.16 --dport 80 -j \(chain)
    """
  }

  var nodePort: String {
    "nat KUBE-NODEPORTS -m comment --comment default/web \(match) --dport 30080 -j KUBE-EXT-web"
  }

  /// Connections to the cluster IP are refused (`no endpoints`, REJECT) or dropped (`no local endpoints`, DROP).
  func closedClusterIP(_ reason: String, _ target: String) -> String {
    """
    filter KUBE-SERVICES -m comment --comment "default/web has \(reason)" \(match) -d 10.200.1.16 --dport 80 -j \(target)
    """
  }

  /// The same for connections to the node port.
  func closedNodePort(_ reason: String, _ target: String) -> String {
    """
    filter KUBE-EXTERNAL-SERVICES -m comment --comment "default/web has \(reason)" -m addrtype --dst-type LOCAL \(match) --dport 30080 -j \(target)
    """
  }
}
