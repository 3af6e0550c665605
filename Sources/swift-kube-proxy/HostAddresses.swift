import ServiceModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The addresses of this host's interfaces, as a dry run takes them.
enum HostAddresses {
  static func all() -> [IPAddress] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    var result: [IPAddress] = []
    var next = list
    while let entry = next {
      if let address = entry.pointee.ifa_addr.flatMap(ip) { result.append(address) }
      next = entry.pointee.ifa_next
    }
    return result
  }

  private static func ip(_ address: UnsafeMutablePointer<sockaddr>) -> IPAddress? {
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        IPAddress(family: .ipv4, bits: UInt128(UInt32(bigEndian: $0.pointee.sin_addr.s_addr)))
      }
    case AF_INET6:
      address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
        withUnsafeBytes(of: $0.pointee.sin6_addr) { bytes in
          IPAddress(family: .ipv6, bits: bytes.reduce(0) { $0 << 8 | UInt128($1) })
        }
      }
    default: nil
    }
  }
}
