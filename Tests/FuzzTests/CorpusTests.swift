import FuzzReaders
import Mutations
import Testing

/// The inputs of `Tests/Fuzz/Corpus`, and inputs near them, without libFuzzer.
@Suite(.timeLimit(.minutes(5))) struct CorpusTests {
  @Test(arguments: FuzzReader.all)
  func `each reader withstands its corpus`(reader: FuzzReader) throws {
    let inputs = try Corpus.inputs(of: reader)
    #expect(inputs.count >= 8, "the corpus of \(reader) is missing")
    for (file, bytes) in inputs {
      #expect(throws: Never.self, "\(reader)/\(file)") { try reader.read(bytes) }
    }
  }

  /// The seed is fixed, so a failure can be repeated.
  @Test(arguments: FuzzReader.all)
  func `each reader withstands changes of its corpus`(reader: FuzzReader) throws {
    var mutator = Mutator(seed: 16, pieces: reader.words)
    for (file, bytes) in try Corpus.inputs(of: reader) {
      for _ in 0..<8 {
        let changed = mutator.mutated(bytes)
        #expect(throws: Never.self, "\(reader)/\(file) as \(String(decoding: changed, as: UTF8.self).debugDescription)")
        {
          try reader.read(changed)
        }
      }
    }
  }

  @Test
  func `each folder of the corpus belongs to a reader`() throws {
    #expect(try Corpus.folders() == FuzzReader.all.map(\.name).sorted())
  }

  @Test
  func `a mistake of a reader is reported`() {
    let reader = FuzzReader("mistaken", words: []) { (bytes) throws(Finding) in
      if bytes == [1, 2] { throw Finding("two bytes") }
    }
    #expect(throws: Never.self) { try reader.read([1]) }
    #expect(throws: Finding("two bytes")) { try reader.read([1, 2]) }
  }
}
