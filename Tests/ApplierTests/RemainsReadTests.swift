import Glibc
import IPTables
import Netlink
import ServiceModel
import System
import Testing

@testable import Applier

/// What is read of the kernel besides the iptables programs' tables.
@Suite(.timeLimit(.minutes(1))) struct RemainsReadTests {
  /// An answer about a set (IPSET_ATTR_SETNAME is 2).
  private func message(_ name: String) -> [UInt8] {
    var request = NetlinkRequest(subsystem: 6, message: 7, flags: 0, sequence: 1, family: .ipv4)
    request.add(2, name)
    return request.bytes
  }

  @Test func `IP sets are named once each, and only kube-proxy's`() {
    let names = ["KUBE-NODE-PORT-TCP", "blocklist", "KUBE-CLUSTER-IP", "KUBE-NODE-PORT-TCP"]
    let answer = Array(NetlinkMessages(names.flatMap(message)[...]))
    #expect(IPSets.kubeProxys(in: answer) == ["KUBE-CLUSTER-IP", "KUBE-NODE-PORT-TCP"])
  }

  /// IPSET_ATTR_FLAGS is 6, and IPSET_FLAG_LIST_SETNAME is 2.
  @Test func `only the names of IP sets are asked for`() {
    let requests = Array(NetlinkMessages(IPSets.request.bytes[...]))
    #expect(requests.map { $0.number(6, UInt32.self) } == [2])
  }

  @Test func `a list of legacy tables that cannot be read is an error, and one that does not exist is empty`() throws {
    #expect(throws: SystemError.self) {
      try KernelLegacyTables.names(.ipv4) { path throws(SystemError) in throw SystemError(action: path, code: EMFILE) }
    }
    let absent = try KernelLegacyTables.names(.ipv6) { path throws(SystemError) in
      throw SystemError(action: path, code: ENOENT)
    }
    #expect(absent.isEmpty)
    let present = try KernelLegacyTables.names(.ipv4) { path throws(SystemError) in
      path.hasSuffix("ip_tables_names") ? "nat\nmangle\n" : ""
    }
    #expect(present == ["nat", "mangle"])
  }

  @Test func `the chains that a restore could not delete are read from its error`() {
    let text = """
      iptables-nft-restore v1.8.9 (nf_tables):
      line 4: CHAIN_DEL failed (Device or resource busy): chain KUBE-SERVICES
      line 5: CHAIN_DEL failed (Device or resource busy): chain KUBE-SVC-AAAAAAAAAAAAAAAA
      line 6: CHAIN_DEL failed (No such file or directory): chain KUBE-B
      """
    let error = CommandError(command: "restore", cause: .exited(4), standardError: text)
    #expect(error.busyChains == ["KUBE-SERVICES", "KUBE-SVC-AAAAAAAAAAAAAAAA"])
  }
}
