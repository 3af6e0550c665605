import IPTables

/// Renders restore input and sends it in pieces.
struct RestoreWriter {
  private let sink: any RestoreSink
  private var renderer: Renderer
  private(set) var bytes = 0
  private(set) var transactions = 0
  /// The number of jumps to service chains that the current process has received.
  private var jumpsOfPart = 0

  static let pieceSize = 1 << 16

  init(_ sink: any RestoreSink) {
    self.sink = sink
    renderer = Renderer(reservingCapacity: RestoreWriter.pieceSize + 1024)
  }

  /// Sends the next transaction to a new process if the current process has received this many jumps.
  mutating func endPart(after jumps: Int) throws {
    guard jumpsOfPart >= jumps else { return }
    try send()
    sink.endPart()
    jumpsOfPart = 0
  }

  mutating func begin(_ table: Table) { renderer.begin(table) }

  mutating func commit() throws {
    renderer.commit()
    transactions += 1
    try handOn()
  }

  mutating func declare(_ chain: ChainName) throws {
    renderer.declare(chain)
    try handOn()
  }

  mutating func append(_ chain: Chain) throws {
    jumpsOfPart += chain.jumpCount
    for rule in chain.rules {
      renderer.append(rule, to: chain.name)
      try handOn()
    }
  }

  /// - Parameter place: counted from 1.
  mutating func insert(_ rule: Rule, into chain: ChainName, at place: Int) {
    if rule.jumpTarget?.prefix != nil { jumpsOfPart += 1 }
    renderer.insert(rule, into: chain, at: place)
  }

  mutating func remove(_ rule: Rule, from chain: ChainName) { renderer.remove(rule, from: chain) }

  mutating func delete(_ chain: ChainName) throws {
    renderer.delete(chain)
    try handOn()
  }

  /// Sends the rest.
  mutating func finish() throws { try send() }

  private mutating func handOn() throws {
    if renderer.bytes.count >= RestoreWriter.pieceSize { try send() }
  }

  private mutating func send() throws {
    guard !renderer.bytes.isEmpty else { return }
    let piece = renderer.take()
    bytes += piece.count
    try sink.write(piece)
  }
}
