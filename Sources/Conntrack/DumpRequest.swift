import CNetfilterConntrack
import Netlink
import ServiceModel

/// The request for all entries of one family and protocol.
///
/// libnetfilter_conntrack before 1.1 cannot filter by protocol, so the message is built here. Kernels before 5.8 do not
/// know the filter and also send the entries of other protocols. The receiver therefore checks the protocol again.
enum DumpRequest {
  /// From the kernel's `CTA_FILTER_F_CTA_PROTO_NUM` (net/netfilter/nf_conntrack_netlink.c).
  private static let filterByProtocol: UInt32 = 1 << 3
  private static let filterOriginalFlags: UInt32 = 1

  static func make(_ family: IPFamily, _ transport: TransportProtocol) -> NetlinkRequest {
    var request = NetlinkRequest(
      subsystem: UInt16(NFNL_SUBSYS_CTNETLINK), message: IPCTNL_MSG_CT_GET.rawValue, flags: NLM_F_DUMP, sequence: 1,
      family: family)
    request.nest(CTA_TUPLE_ORIG.rawValue) {
      $0.nest(CTA_TUPLE_PROTO.rawValue) { $0.add(CTA_PROTO_NUM.rawValue, [transport.number]) }
    }
    request.nest(CTA_FILTER.rawValue) {
      $0.add(filterOriginalFlags, withUnsafeBytes(of: filterByProtocol, Array.init))
    }
    return request
  }
}
