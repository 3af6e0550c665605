/// A reader of bytes from outside, as the fuzzer and the tests call it.
///
/// An input must not end the process, and must not break a rule of the format. For example, an answer that arrives in
/// pieces reads like the same answer in one piece, and what was read and written reads the same again.
package struct FuzzReader: Sendable, CustomStringConvertible {
  /// Also the name of its folder in `Tests/Fuzz/Corpus`.
  package let name: String
  /// Words of the format. Random changes of single bytes would rarely make them.
  package let words: [[UInt8]]
  private let body: @Sendable ([UInt8]) throws(Finding) -> Void

  /// - Parameter bytes: words of the format that are not text.
  package init(
    _ name: String, words: [String], bytes: [[UInt8]] = [],
    _ body: @escaping @Sendable ([UInt8]) throws(Finding) -> Void
  ) {
    self.name = name
    self.words = words.map { Array($0.utf8) } + bytes
    self.body = body
  }

  package var description: String { name }

  /// Reads one input.
  /// - Throws: what the reader did wrong.
  package func read(_ bytes: [UInt8]) throws(Finding) { try body(bytes) }

  /// All readers. `make fuzz` runs one after the other.
  package static let all: [FuzzReader] = [
    jsonWatch, jsonList, protobufWatch, protobufList, manifest, yaml, kubeconfig, credential, configuration, restore,
    nftables, conntrack, http, state, text,
  ]
}
