import FoundationEssentials

extension [UInt8] {
  /// `withUnsafeBytes` for a closure that throws one type of error.
  func withRawBytes<Outcome, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Outcome
  ) throws(Failure) -> Outcome {
    let result = withUnsafeBytes { bytes in
      Result<Outcome, Failure> { () throws(Failure) in try body(bytes) }
    }
    return try result.get()
  }
}

extension Data {
  /// Data that refers to bytes without copying them. It must not be used after the bytes are gone.
  init(inPlace bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else {
      self.init()
      return
    }
    // Nothing writes to the bytes: a change of the Data would copy them first.
    self.init(bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: bytes.count, deallocator: .none)
  }
}
