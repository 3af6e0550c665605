import IPTables
import ServiceModel
import System

/// What `--iptables-backend` asks for.
public enum BackendSetting: String, Sendable, CaseIterable {
  /// The one that the rest of the host uses.
  case auto
  case nft, legacy
}

/// What speaks for a backend.
public struct BackendEvidence: Sendable, Equatable {
  /// Whether its iptables programs are there.
  public var isInstalled: Bool
  /// The chain in its mangle tables by which kubelet shows which backend it uses (KEP-3178), if any.
  public var kubeletChain: ChainName?
  /// Rules in its tables nat, filter and mangle, both families.
  public var ruleCount: Int

  public init(isInstalled: Bool, kubeletChain: ChainName? = nil, ruleCount: Int = 0) {
    self.isInstalled = isInstalled
    self.kubeletChain = kubeletChain
    self.ruleCount = ruleCount
  }
}

extension BackendChoice {
  /// nil where no backend's programs are installed.
  public init?(_ setting: BackendSetting, nft: BackendEvidence, legacy: BackendEvidence) {
    switch setting {
    case .nft: self.init(.nft, reason: "--iptables-backend")
    case .legacy: self.init(.legacy, reason: "--iptables-backend")
    case .auto: self.init(nft: nft, legacy: legacy)
    }
  }

  /// kubelet's chains first, as in the images that choose iptables by script; nf_tables' before, where it left both.
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
      } else {
        self.init(
          .nft, reason: "no chain of kubelet's; \(nft.ruleCount) rules in nf_tables, \(legacy.ruleCount) legacy")
      }
    }
  }
}

extension BackendEvidence {
  /// kubelet's chains, the stronger sign first.
  private static let kubeletChains: [ChainName] = [.kubeletHint, .kubeletCanary]

  /// Reads the legacy tables. One that cannot be read counts as empty: it speaks for nobody.
  public static func legacy(_ tables: some LegacyTables, isInstalled: Bool) -> BackendEvidence {
    var evidence = BackendEvidence(isInstalled: isInstalled)
    var chains: Set<ChainName> = []
    for family in IPFamily.allCases {
      for table in Table.allCases {
        guard let contents = try? tables.read(family, table) else { continue }
        evidence.ruleCount += contents.ruleCount
        if table == .mangle { chains.formUnion(kubeletChains.filter(contents.contains)) }
      }
    }
    evidence.kubeletChain = kubeletChains.first(where: chains.contains)
    return evidence
  }

  /// Asks the nf_tables programs. A family or table that they cannot list counts as empty.
  public static func nft(
    _ commands: some IPTablesCommands, isInstalled: Bool, kernel: some NFTables = KernelNFTables()
  ) async -> BackendEvidence {
    let evidence = Locked(BackendEvidence(isInstalled: isInstalled))
    guard isInstalled else { return evidence.value }
    for family in IPFamily.allCases {
      let isInMangle = Locked(false)
      let unprintable = Locked<[Table]>([])
      try? await commands.save(family, nil) { line in
        if line.first == UInt8(ascii: "*") { isInMangle.withLock { $0 = line.elementsEqual("*mangle".utf8) } }
        if let table = Table(notPrintedBySave: line) { unprintable.withLock { $0.append(table) } }
        evidence.withLock { $0.note(line, isInMangle: isInMangle.value) }
      }
      for table in unprintable.value {
        let chains = (try? await kernel.chains(family, table: table.rawValue)) ?? []
        evidence.withLock { $0.note(chains: chains, of: table) }
      }
    }
    return evidence.value
  }

  /// Of a table that iptables-nft-save does not print: its chains count as a rule each.
  private mutating func note(chains: [String], of table: Table) {
    ruleCount += chains.count
    guard table == .mangle else { return }
    for chain in chains { noteInMangle(ChainName(chain)) }
  }

  private mutating func noteInMangle(_ name: ChainName) {
    if name == .kubeletHint || (name == .kubeletCanary && kubeletChain == nil) { kubeletChain = name }
  }

  private mutating func note(_ line: ArraySlice<UInt8>, isInMangle: Bool) {
    if line.starts(with: "-A ".utf8) { ruleCount += 1 }
    guard isInMangle, line.first == UInt8(ascii: ":") else { return }
    noteInMangle(ChainName(String(decoding: line.dropFirst().prefix { $0 != 0x20 }, as: UTF8.self)))
  }
}

extension Backend {
  /// The backend to use on this host, with the reason for the log; nil where no iptables programs are installed.
  public static func detect(
    _ setting: BackendSetting, tables: some LegacyTables = KernelLegacyTables(), launcher: [String] = []
  ) async -> BackendChoice? {
    let nft = SystemIPTables(IPTablesPrograms(.nft, launcher: launcher))
    let legacyPrograms = IPTablesPrograms(.legacy, launcher: launcher)
    let nftInstalled = nft.programs.areInstalled
    if !nftInstalled && !legacyPrograms.areInstalled, let plain = await plainBackend(nft) {
      // Programs under their plain names only: these are what there is.
      if let wanted = Backend(rawValue: setting.rawValue), wanted != plain { return nil }
      return BackendChoice(plain, reason: "iptables is the only program installed")
    }
    if setting != .auto {
      return BackendChoice(
        setting, nft: BackendEvidence(isInstalled: nftInstalled),
        legacy: BackendEvidence(isInstalled: legacyPrograms.areInstalled))
    }
    let legacyEvidence = await OwnThread.runAnyway("legacy tables") {
      BackendEvidence.legacy(tables, isInstalled: legacyPrograms.areInstalled)
    }
    return BackendChoice(setting, nft: await .nft(nft, isInstalled: nftInstalled), legacy: legacyEvidence)
  }
  /// What the program called plainly `iptables` works on; nil where there is none.
  private static func plainBackend(_ commands: SystemIPTables) async -> Backend? {
    guard let version = try? await commands.version(.ipv4) else { return nil }
    return version.backend ?? .legacy
  }
}
