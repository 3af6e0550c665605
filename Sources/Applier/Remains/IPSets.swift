import CLinux
import Glibc
import Netlink
import ServiceModel
import System

/// The kernel's IP sets (ipset) that ipvs mode creates.
enum IPSets {
  /// The names of the sets that kube-proxy creates in ipvs mode; empty if the kernel has no sets.
  static func kubeProxys() throws(SystemError) -> [String] {
    let answer: [NetlinkMessage]
    do {
      answer = try NetlinkSocket().list(request, "list IP sets")
    } catch {
      // A kernel without ip_set rejects the request.
      if [EINVAL, EOPNOTSUPP, EPROTONOSUPPORT].contains(error.code) { return [] }
      throw error
    }
    return kubeProxys(in: answer)
  }

  /// In order, each name once: the kernel can answer with several messages about one set.
  static func kubeProxys(in answer: [NetlinkMessage]) -> [String] {
    Set(answer.compactMap { $0.text(nameAttribute) }.filter { $0.hasPrefix("KUBE-") }).sorted()
  }

  /// Asks for the names only. Without the flag, the kernel would also send the members of all sets, and another
  /// program's set can have hundreds of thousands.
  static var request: NetlinkRequest {
    var request = NetlinkRequest(
      subsystem: NetfilterNumbers.setsSubsystem, message: list, flags: NLM_F_DUMP, sequence: 1, family: .ipv4)
    request.add(protocolAttribute, [protocolVersion])
    request.add(flagsAttribute, withUnsafeBytes(of: listSetName.bigEndian, Array.init))
    return request
  }

  /// IPSET_CMD_LIST
  private static let list: UInt32 = 7
  /// IPSET_PROTOCOL_MIN, which all kernels support.
  private static let protocolVersion: UInt8 = 6
  /// IPSET_FLAG_LIST_SETNAME
  private static let listSetName: UInt32 = 1 << 1
  /// IPSET_ATTR_PROTOCOL, IPSET_ATTR_SETNAME and IPSET_ATTR_FLAGS
  private static let protocolAttribute: UInt32 = 1
  private static let nameAttribute: UInt32 = 2
  private static let flagsAttribute: UInt32 = 6
}
