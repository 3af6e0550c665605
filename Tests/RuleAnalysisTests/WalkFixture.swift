import IPTables
import RuleAnalysis
import ServiceModel

/// A node's rules as kube-proxy writes them, by hand. Conventions: pods 10.10.N.x on node N (this is node 1:
/// 172.18.0.3, 10.10.1.1), cluster IPs 10.200.1.x, load balancers 203.0.113.x, external IPs 198.51.100.x, clients
/// outside 192.0.2.x, node ports 30000 and up, masquerade mark 0x4000.
enum WalkFixture {
  static let host = WalkHost(localAddresses: [address("172.18.0.3"), address("10.10.1.1")])

  static func rules(_ text: String = "", filter: String = "") throws -> RuleSet {
    try RuleSet(
      family: .ipv4, restoring: "*nat\n" + nat + text + "COMMIT\n*filter\n" + self.filter + filter + "COMMIT\n")
  }

  /// Services: web (3 endpoints, node port 30080, load balancer with source ranges), local (externalTrafficPolicy
  /// Local, node port 30081, one endpoint of two here), sticky (client affinity), none (no endpoints).
  private static let nat = """
    :PREROUTING ACCEPT [0:0]
    :OUTPUT ACCEPT [0:0]
    :POSTROUTING ACCEPT [0:0]
    -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
    -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
    -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
    -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
    -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
    -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
    -A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
    -A KUBE-SERVICES -d 10.200.1.16/32 -p tcp -m comment --comment "default/web:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-WEB
    -A KUBE-SERVICES -d 203.0.113.1/32 -p tcp -m comment --comment "default/web:http loadbalancer IP" -m tcp --dport 80 -j KUBE-FW-WEB
    -A KUBE-SERVICES -d 10.200.1.17/32 -p tcp -m comment --comment "default/local cluster IP" -m tcp --dport 80 -j KUBE-SVC-LOCAL
    -A KUBE-SERVICES -d 10.200.1.18/32 -p udp -m comment --comment "default/sticky cluster IP" -m udp --dport 53 -j KUBE-SVC-STICKY
    -A KUBE-SERVICES -m comment --comment "kubernetes service nodeports" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
    -A KUBE-NODEPORTS -p tcp -m comment --comment "default/web:http" -m tcp --dport 30080 -j KUBE-EXT-WEB
    -A KUBE-NODEPORTS -p tcp -m comment --comment "default/local" -m tcp --dport 30081 -j KUBE-EXT-LOCAL
    -A KUBE-FW-WEB -s 192.0.2.0/24 -m comment --comment "default/web:http loadbalancer IP" -j KUBE-EXT-WEB
    -A KUBE-FW-WEB -m comment --comment "other traffic to default/web:http will be dropped by KUBE-PROXY-FIREWALL"
    -A KUBE-EXT-WEB -m comment --comment "masquerade traffic for default/web:http external destinations" -j KUBE-MARK-MASQ
    -A KUBE-EXT-WEB -j KUBE-SVC-WEB
    -A KUBE-SVC-WEB ! -s 10.10.0.0/16 -d 10.200.1.16/32 -p tcp -m comment --comment "default/web:http cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ
    -A KUBE-SVC-WEB -m comment --comment "default/web:http -> 10.10.1.5:8080" -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-WEB1
    -A KUBE-SVC-WEB -m comment --comment "default/web:http -> 10.10.2.5:8080" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-WEB2
    -A KUBE-SVC-WEB -m comment --comment "default/web:http -> 10.10.3.5:8080" -j KUBE-SEP-WEB3
    -A KUBE-SEP-WEB1 -s 10.10.1.5/32 -m comment --comment "default/web:http" -j KUBE-MARK-MASQ
    -A KUBE-SEP-WEB1 -p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 10.10.1.5:8080
    -A KUBE-SEP-WEB2 -s 10.10.2.5/32 -m comment --comment "default/web:http" -j KUBE-MARK-MASQ
    -A KUBE-SEP-WEB2 -p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 10.10.2.5:8080
    -A KUBE-SEP-WEB3 -s 10.10.3.5/32 -m comment --comment "default/web:http" -j KUBE-MARK-MASQ
    -A KUBE-SEP-WEB3 -p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 10.10.3.5:8080
    -A KUBE-EXT-LOCAL -s 10.10.0.0/16 -m comment --comment "pod traffic for default/local external destinations" -j KUBE-SVC-LOCAL
    -A KUBE-EXT-LOCAL -m comment --comment "masquerade LOCAL traffic for default/local external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ
    -A KUBE-EXT-LOCAL -m comment --comment "route LOCAL traffic for default/local external destinations" -m addrtype --src-type LOCAL -j KUBE-SVC-LOCAL
    -A KUBE-EXT-LOCAL -j KUBE-SVL-LOCAL
    -A KUBE-SVC-LOCAL ! -s 10.10.0.0/16 -d 10.200.1.17/32 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ
    -A KUBE-SVC-LOCAL -m statistic --mode random --probability 0.5 -j KUBE-SEP-LOCAL1
    -A KUBE-SVC-LOCAL -j KUBE-SEP-LOCAL2
    -A KUBE-SVL-LOCAL -j KUBE-SEP-LOCAL1
    -A KUBE-SEP-LOCAL1 -s 10.10.1.6/32 -j KUBE-MARK-MASQ
    -A KUBE-SEP-LOCAL1 -p tcp -m tcp -j DNAT --to-destination 10.10.1.6:80
    -A KUBE-SEP-LOCAL2 -s 10.10.2.6/32 -j KUBE-MARK-MASQ
    -A KUBE-SEP-LOCAL2 -p tcp -m tcp -j DNAT --to-destination 10.10.2.6:80
    -A KUBE-SVC-STICKY -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-STICKY1 --mask 255.255.255.255 --rsource -j KUBE-SEP-STICKY1
    -A KUBE-SVC-STICKY -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-STICKY2 --mask 255.255.255.255 --rsource -j KUBE-SEP-STICKY2
    -A KUBE-SVC-STICKY -m statistic --mode random --probability 0.5 -j KUBE-SEP-STICKY1
    -A KUBE-SVC-STICKY -j KUBE-SEP-STICKY2
    -A KUBE-SEP-STICKY1 -p udp -m recent --set --name KUBE-SEP-STICKY1 --rsource -m udp -j DNAT --to-destination 10.10.1.7:53
    -A KUBE-SEP-STICKY2 -p udp -m recent --set --name KUBE-SEP-STICKY2 --rsource -m udp -j DNAT --to-destination 10.10.2.7:53

    """

  private static let filter = """
    :INPUT ACCEPT [0:0]
    :FORWARD ACCEPT [0:0]
    :OUTPUT ACCEPT [0:0]
    -A INPUT -j KUBE-FIREWALL
    -A INPUT -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
    -A INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS
    -A INPUT -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES
    -A FORWARD -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
    -A FORWARD -j KUBE-FORWARD
    -A FORWARD -m conntrack --ctstate NEW -j KUBE-SERVICES
    -A FORWARD -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES
    -A OUTPUT -j KUBE-FIREWALL
    -A OUTPUT -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
    -A OUTPUT -m conntrack --ctstate NEW -j KUBE-SERVICES
    -A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
    -A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name  ct_state_invalid_dropped_pkts -j DROP
    -A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
    -A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    -A KUBE-NODEPORTS -p tcp -m comment --comment "default/local health check node port" -m tcp --dport 31081 -j ACCEPT
    -A KUBE-PROXY-FIREWALL -d 203.0.113.1/32 -p tcp -m comment --comment "default/web:http traffic not accepted by KUBE-FW-WEB" -m tcp --dport 80 -j DROP
    -A KUBE-SERVICES -d 10.200.1.20/32 -p tcp -m comment --comment "default/none has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable
    -A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "default/none has no endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 30090 -j REJECT --reject-with icmp-port-unreachable
    -A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "default/gone has no local endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 30091 -j DROP

    """

  static func address(_ text: String) -> IPAddress { IPAddress(text)! }

  /// A packet to `ADDRESS:PORT`.
  static func packet(
    _ source: String, _ destination: String, _ transport: TransportProtocol = .tcp,
    from origin: Packet.Origin = .interface(nil)
  ) -> Packet {
    Packet(from: address(source), to: SocketAddress(destination)!, transport, origin: origin)
  }

  /// `33.33% 10.10.1.5:8080 masqueraded`, in an order of its own.
  static func summary(_ results: [WalkResult]) -> [String] {
    results.map { result in
      let verdict =
        switch result.verdict {
        case .delivered: ""
        case .rejected: "rejected "
        case .dropped: "dropped "
        case .undecided: "undecided "
        }
      let source =
        switch result.source {
        case .kept: ""
        case .masqueraded: " masqueraded"
        case .translated(let text): " as \(text)"
        }
      let percent = (result.probability * 10000).rounded() / 100
      return "\(percent)% \(verdict)\(result.destination)\(source)"
    }.sorted()
  }
}
