import ServiceModel
import Time

/// Short texts: addresses, blocks of addresses, durations. What was read and written reads the same again.
extension FuzzReader {
  package static let text = FuzzReader("text", words: textWords) { (bytes) throws(Finding) in
    let text = String(decoding: bytes, as: UTF8.self)
    try check(text, "an address") { IPAddress($0) }
    try check(text, "a block of addresses") { CIDR($0) }
    try check(text, "an address with a port") { SocketAddress($0) }
    try check(text, "a duration") { GoDuration($0) }
    if GoDuration(text) == nil { try checkMessage(GoDuration.problem(text, quoted: text.quoted)) }
  }

  private static func check<Value: Equatable & CustomStringConvertible>(
    _ text: String, _ name: String, _ read: (String) -> Value?
  ) throws(Finding) {
    guard let value = read(text) else { return }
    try require(
      read(value.description) == value,
      "\(text.debugDescription) is \(name) and becomes \(value.description.debugDescription)")
  }

  private static let textWords = [
    "127.0.0.1", "10.0.0.0/8", "fd00::1", "::ffff:1.2.3.4", "::/0", "[::]:80", ":65535", "%eth0", "/32", "/128",
    "1h0m0s",
    "1.5s", "300ms", "2us", "3µs", "9223372036854775807ns", "-1h", "0", "+", "0.0.0.0:10256", "1d", "2w",
  ]
}
