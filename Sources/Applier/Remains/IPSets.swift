import CLinux
import Netlink
import ServiceModel
import System

/// The kernel's IP sets (ipset) that ipvs mode creates.
enum IPSets {
  /// The names of the sets that kube-proxy creates in ipvs mode; empty if the kernel has no sets.
  static func kubeProxys() -> [String] {
    (try? names())?.filter { $0.hasPrefix("KUBE-") }.sorted() ?? []
  }

  private static func names() throws(SystemError) -> [String] {
    var request = NetlinkRequest(
      subsystem: NetfilterNumbers.setsSubsystem, message: list, flags: NLM_F_DUMP, sequence: 1, family: .ipv4)
    request.add(protocolAttribute, [protocolVersion])
    return try NetlinkSocket().list(request, "list IP sets").compactMap { $0.text(nameAttribute) }
  }

  /// IPSET_CMD_LIST
  private static let list: UInt32 = 7
  /// IPSET_PROTOCOL_MIN, which all kernels support.
  private static let protocolVersion: UInt8 = 6
  /// IPSET_ATTR_PROTOCOL and IPSET_ATTR_SETNAME
  private static let protocolAttribute: UInt32 = 1
  private static let nameAttribute: UInt32 = 2
}
