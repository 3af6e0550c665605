import CLinux
import Glibc

/// The kernel's IP sets (ipset), as far as ipvs mode makes some.
enum IPSets {
  /// Names of the sets that kube-proxy makes in ipvs mode; none where the kernel has no sets.
  static func kubeProxys() -> [String] {
    (try? names())?.filter { $0.hasPrefix("KUBE-") }.sorted() ?? []
  }

  private static func names() throws(NetlinkError) -> [String] {
    var request = NetlinkRequest(
      kind: NetfilterNumbers.setsSubsystem << 8 | list, flags: NLM_F_DUMP, sequence: 1, family: UInt8(AF_INET))
    request.add(protocolAttribute, bytes: [protocolVersion])
    return try NetlinkSocket().dump(request).compactMap { $0.attributes[nameAttribute]?.cString }
  }

  /// IPSET_CMD_LIST
  private static let list: UInt16 = 7
  /// IPSET_PROTOCOL_MIN, which all kernels speak.
  private static let protocolVersion: UInt8 = 6
  /// IPSET_ATTR_PROTOCOL and IPSET_ATTR_SETNAME
  private static let protocolAttribute = 1
  private static let nameAttribute = 2
}
