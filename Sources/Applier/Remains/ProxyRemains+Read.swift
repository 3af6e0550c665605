import Glibc
import IPTables
import ServiceModel
import System

extension ProxyRemains {
  /// Reads the host's kernel without the iptables programs, because they may be installed for one backend only.
  ///
  /// Parts that could not be read are listed in `failures`.
  package static func read(
    kernel: some NFTables = KernelNFTables(), legacyTables: some LegacyTables = KernelLegacyTables()
  ) async -> ProxyRemains {
    var remains = await OwnThread.runAnyway("remains") {
      var remains = ProxyRemains()
      remains.readLegacy(legacyTables)
      remains.hasIPVSInterface = if_nametoindex(ProxyRemains.ipvsInterface) != 0
      do throws(SystemError) {
        remains.ipSets = try IPSets.kubeProxys()
      } catch {
        remains.failures.append("IP sets: \(error)")
      }
      return remains
    }
    for family in IPFamily.allCases {
      do throws(SystemError) {
        try await remains.readNFTables(kernel, family)
      } catch {
        remains.failures.append("nf_tables \(family.rawValue): \(error)")
      }
    }
    return remains
  }

  private mutating func readLegacy(_ tables: some LegacyTables) {
    for family in IPFamily.allCases {
      for table in Table.allCases {
        do throws(LegacyTableError) {
          guard let contents = try tables.read(family, table) else { continue }
          add(.legacy, family, table, contents.chains.map { ChainName($0.name) })
        } catch {
          failures.append("\(error)")
        }
      }
    }
  }

  private mutating func readNFTables(_ kernel: some NFTables, _ family: IPFamily) async throws(SystemError) {
    let tables = try await kernel.tables(family)
    if tables.contains(ProxyRemains.nftablesTable) { nftablesMode.append(family) }
    for table in Table.allCases where tables.contains(table.rawValue) {
      add(.nft, family, table, try await kernel.chains(family, table: table.rawValue).map { ChainName($0) })
    }
  }

  private mutating func add(_ backend: Backend, _ family: IPFamily, _ table: Table, _ names: [ChainName]) {
    let keys = names.map { ChainKey(table, $0) }
    let ipvs = keys.filter { IPVSModeChains.contains($0) && !IPVSModeChains.isKubelets($0) }.map(\.name)
    let iptables = names.filter { name in
      name.isServiceProxys && name != .kubeFirewall
    }
    if !ipvs.isEmpty { ipvsMode.append(Chains(backend: backend, family: family, table: table, names: ipvs)) }
    if !iptables.isEmpty {
      iptablesMode.append(Chains(backend: backend, family: family, table: table, names: iptables))
    }
  }
}
