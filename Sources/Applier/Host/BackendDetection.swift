import IPTables
import ServiceModel
import System

/// The value of `--iptables-backend`.
package enum BackendSetting: String, Sendable, CaseIterable {
  /// The backend that the rest of the host uses.
  case auto
  case nft, legacy
}

/// The evidence for a backend.
package struct BackendEvidence: Sendable, Equatable {
  /// Whether its iptables programs are installed.
  var isInstalled: Bool
  /// The chain in its mangle tables that shows which backend the kubelet uses (KEP-3178), if there is one.
  var kubeletChain: ChainName?
  /// The number of rules in its tables nat, filter and mangle, for both families; 0 if they did not have to be counted.
  var ruleCount: Int
  /// What could not be read, with the reason. It counts as empty.
  var failures: [String] = []

  package init(isInstalled: Bool, kubeletChain: ChainName? = nil, ruleCount: Int = 0) {
    self.isInstalled = isInstalled
    self.kubeletChain = kubeletChain
    self.ruleCount = ruleCount
  }
}

extension BackendChoice {
  /// nil if no backend's programs are installed.
  package init?(_ setting: BackendSetting, nft: BackendEvidence, legacy: BackendEvidence) {
    switch setting {
    case .nft: self.init(.nft, reason: "--iptables-backend")
    case .legacy: self.init(.legacy, reason: "--iptables-backend")
    case .auto: self.init(nft: nft, legacy: legacy)
    }
  }

  /// The kubelet's chains decide first, as in the iptables-wrapper script of many container images. If they are in both
  /// backends, nf_tables wins.
  private init?(nft: BackendEvidence, legacy: BackendEvidence) {
    switch (nft.isInstalled, legacy.isInstalled) {
    case (false, false): return nil
    case (true, false): self.init(.nft, reason: "the legacy programs are not installed")
    case (false, true): self.init(.legacy, reason: "the nf_tables programs are not installed")
    case (true, true):
      if let chain = nft.kubeletChain {
        self.init(.nft, reason: "kubelet's \(chain) is in nf_tables")
      } else if let chain = legacy.kubeletChain {
        self.init(.legacy, reason: "kubelet's \(chain) is in the legacy tables")
      } else if legacy.ruleCount > nft.ruleCount {
        self.init(.legacy, reason: "\(legacy.ruleCount) legacy rules, \(nft.ruleCount) in nf_tables")
      } else if legacy.ruleCount == 0 {
        self.init(.nft, reason: "the kubelet has no chain in either backend, and there are no legacy rules")
      } else {
        self.init(
          .nft,
          reason: """
            the kubelet has no chain in either backend; \(nft.ruleCount) rules in nf_tables, \(legacy.ruleCount) legacy \
            rules
            """)
      }
      let failures = nft.failures + legacy.failures
      if !failures.isEmpty { self = adding("could not be read: \(failures.joined(separator: "; "))") }
    }
  }

  private func adding(_ clause: String) -> BackendChoice { BackendChoice(backend, reason: "\(reason); \(clause)") }
}

extension BackendEvidence {
  /// The kubelet's chains, the stronger sign first.
  private static let kubeletChains: [ChainName] = [.kubeletHint, .kubeletCanary]

  /// Reads the legacy tables. A table that cannot be read counts as empty, and is listed in `failures`.
  package static func legacy(_ tables: some LegacyTables, isInstalled: Bool) -> BackendEvidence {
    var evidence = BackendEvidence(isInstalled: isInstalled)
    var chains: Set<ChainName> = []
    for family in IPFamily.allCases {
      for table in Table.allCases {
        do throws(LegacyTableError) {
          guard let contents = try tables.read(family, table) else { continue }
          evidence.ruleCount += contents.ruleCount
          if table == .mangle { chains.formUnion(kubeletChains.filter(contents.contains)) }
        } catch {
          evidence.failures.append("\(error)")
        }
      }
    }
    evidence.kubeletChain = kubeletChains.first(where: chains.contains)
    return evidence
  }

  /// Reads the chains of nf_tables. A family or table that cannot be read counts as empty, and is listed in `failures`.
  ///
  /// - Parameter countsRules: whether the number of rules may decide. They are counted only if the kubelet's chain does
  ///   not decide, because listing the rules of a large cluster takes seconds.
  package static func nft(
    _ commands: some IPTablesCommands, isInstalled: Bool, countsRules: Bool, kernel: some NFTables = KernelNFTables()
  ) async -> BackendEvidence {
    var evidence = BackendEvidence(isInstalled: isInstalled)
    guard isInstalled else { return evidence }
    for family in IPFamily.allCases {
      for chain in await evidence.chains(of: .mangle, family, kernel) { evidence.noteInMangle(ChainName(chain)) }
    }
    guard countsRules && evidence.kubeletChain == nil else { return evidence }
    for family in IPFamily.allCases { await evidence.countRules(family, commands, kernel) }
    return evidence
  }

  /// Counts the rules that iptables-nft-save prints. Of a table that it does not print, each chain counts as one rule.
  private mutating func countRules(
    _ family: IPFamily, _ commands: some IPTablesCommands, _ kernel: some NFTables
  ) async {
    let count = SharedValue(0)
    let unprintable = SharedValue<[Table]>([])
    do {
      try await commands.save(family, nil) { line in
        if let table = Table(notPrintedBySave: line) { unprintable.withLock { $0.append(table) } }
        if line.starts(with: "-A ".utf8) { count.withLock { $0 += 1 } }
      }
    } catch {
      failures.append("\(error)")
    }
    ruleCount += count.value
    for table in unprintable.value { ruleCount += await chains(of: table, family, kernel).count }
  }

  /// A list that other programs change again and again, or a lack of descriptors, can pass. So a failure is followed by
  /// one more attempt.
  private mutating func chains(of table: Table, _ family: IPFamily, _ kernel: some NFTables) async -> [String] {
    if let chains = try? await kernel.chains(family, table: table.rawValue) { return chains }
    do throws(SystemError) {
      return try await kernel.chains(family, table: table.rawValue)
    } catch {
      failures.append("nf_tables \(family.rawValue) \(table.rawValue): \(error)")
      return []
    }
  }

  private mutating func noteInMangle(_ name: ChainName) {
    if name == .kubeletHint || (name == .kubeletCanary && kubeletChain == nil) { kubeletChain = name }
  }
}

extension Backend {
  /// The backend to use on this host, with the reason for the log; nil if no iptables programs are installed.
  ///
  /// - Parameter priority: the priority of the programs that list the rules. With many rules they need much CPU time.
  package static func detect(
    _ setting: BackendSetting, tables: some LegacyTables = KernelLegacyTables(),
    kernel: some NFTables = KernelNFTables(), launcher: [String] = [], priority: ThreadPriority = .normal
  ) async -> BackendChoice? {
    var nft = SystemIPTables(IPTablesPrograms(.nft, launcher: launcher))
    nft.priority = priority
    let legacyPrograms = IPTablesPrograms(.legacy, launcher: launcher)
    let nftInstalled = nft.programs.areInstalled
    if !nftInstalled && !legacyPrograms.areInstalled, let plain = await plainBackend(nft) {
      // Only programs with plain names are installed, so their backend is the only choice.
      if let wanted = Backend(rawValue: setting.rawValue), wanted != plain { return nil }
      return BackendChoice(plain, reason: "only programs without a backend in their name are installed")
    }
    if setting != .auto {
      return BackendChoice(
        setting, nft: BackendEvidence(isInstalled: nftInstalled),
        legacy: BackendEvidence(isInstalled: legacyPrograms.areInstalled))
    }
    let legacyEvidence = await OwnThread.runAnyway("legacy tables") {
      BackendEvidence.legacy(tables, isInstalled: legacyPrograms.areInstalled)
    }
    let countsRules =
      legacyEvidence.isInstalled && legacyEvidence.kubeletChain == nil && legacyEvidence.ruleCount > 0
    let nftEvidence = await BackendEvidence.nft(
      nft, isInstalled: nftInstalled, countsRules: countsRules, kernel: kernel)
    return BackendChoice(setting, nft: nftEvidence, legacy: legacyEvidence)
  }

  /// The backend of the program with the plain name `iptables`; nil if there is none.
  private static func plainBackend(_ commands: SystemIPTables) async -> Backend? {
    guard let version = try? await commands.version(.ipv4) else { return nil }
    return version.backend ?? .legacy
  }
}
