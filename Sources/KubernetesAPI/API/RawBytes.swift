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
