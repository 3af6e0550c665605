import ServiceModel

/// Rules of other programs on a kind node, in the format of `iptables-restore --noflush`.
package enum Neighbours {
  /// kindnet's rules: masquerade what leaves the cluster, and nothing that stays in it.
  package static func kindnet(_ family: IPFamily) -> String {
    """
    *nat
    :KIND-MASQ-AGENT - [0:0]
    -A POSTROUTING -m addrtype ! --dst-type LOCAL -m comment --comment "kind-masq-agent: what leaves this node" -j KIND-MASQ-AGENT
    -A KIND-MASQ-AGENT -d \(Layout.podNetwork(family)) -m comment --comment "kind-masq-agent: to a pod" -j RETURN
    -A KIND-MASQ-AGENT -m comment --comment "kind-masq-agent: out of the cluster" -j MASQUERADE
    COMMIT

    """
  }

  /// The kubelet's chains, which show the backend that the host uses (KEP-3178).
  package static let kubelet = """
    *mangle
    :KUBE-IPTABLES-HINT - [0:0]
    :KUBE-KUBELET-CANARY - [0:0]
    COMMIT
    *nat
    :KUBE-KUBELET-CANARY - [0:0]
    COMMIT
    *filter
    :KUBE-KUBELET-CANARY - [0:0]
    COMMIT

    """
}

extension Lab {
  /// Adds the rules of kindnet and the kubelet to every node, with the programs of this backend.
  /// - Parameter backend: `nft` or `legacy`.
  package func addNeighbours(backend: String = "nft") async throws {
    for node in nodes {
      for family in IPFamily.allCases {
        let restore = "\(family == .ipv4 ? "iptables" : "ip6tables")-\(backend)-restore"
        for rules in [Neighbours.kindnet(family), Neighbours.kubelet] {
          try await Command([restore, "-w", "--noflush"], input: rules).run(in: node.namespace)
        }
      }
    }
  }

  /// Maps a port of a pod's node to the pod with the CNI plugin `portmap`, as for a container's `hostPort`.
  package func mapHostPort(_ hostPort: UInt16, to pod: LabPod, port: UInt16) async throws {
    let ips = IPFamily.allCases.map { family -> JSON in
      ["address": .string("\(CIDR(host: pod.addresses[family]))"), "interface": 0]
    }
    let configuration: JSON = [
      "cniVersion": "0.4.0", "name": "kindnet", "type": "portmap", "capabilities": ["portMappings": true],
      "runtimeConfig": [
        "portMappings": [["hostPort": .number(Int(hostPort)), "containerPort": .number(Int(port)), "protocol": "tcp"]]
      ],
      "prevResult": [
        "cniVersion": "0.4.0",
        "interfaces": [["name": "eth0", "sandbox": .string("\(NetworkNamespace.directory)/\(pod.namespace.name)")]],
        "ips": .array(ips),
      ],
    ]
    let plugins = "/usr/lib/cni"
    try await Command(
      ["\(plugins)/portmap"],
      environment: [
        "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "lab-\(pod.name)", "CNI_IFNAME": "eth0", "CNI_PATH": plugins,
        "CNI_NETNS": "\(NetworkNamespace.directory)/\(pod.namespace.name)",
      ], input: configuration.text
    ).run(in: node(pod.node).namespace)
  }
}
