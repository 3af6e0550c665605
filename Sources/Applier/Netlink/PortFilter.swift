import CLinux
import Glibc

/// A program for the kernel (classic BPF) that keeps messages about our own commits away from a netlink socket.
///
/// A full sync of a large cluster would otherwise send hundreds of thousands of them to us, at the cost of the sync.
enum PortFilter {
  /// Lets everything pass but what sockets with these ports caused.
  static func attach(ignoring ports: [Int32], to socket: NetlinkSocket) throws(NetlinkError) {
    // The port of the first message is 12 bytes in. BPF loads big-endian, the header is in the machine's order.
    // A jump goes 255 steps at most; of more ports than that the rest is heard and told apart by pid.
    let ports = ports.prefix(255)
    var program = [sock_filter(code: loadWord, jt: 0, jf: 0, k: 12)]
    for (index, port) in ports.enumerated() {
      let toDrop = UInt8(ports.count - index)
      program.append(sock_filter(code: jumpIfEqual, jt: toDrop, jf: 0, k: UInt32(bitPattern: port).bigEndian))
    }
    program.append(sock_filter(code: returnConstant, jt: 0, jf: 0, k: .max))
    program.append(sock_filter(code: returnConstant, jt: 0, jf: 0, k: 0))
    let count = UInt16(program.count)
    let result = program.withUnsafeMutableBufferPointer { buffer in
      var filter = sock_fprog(len: count, filter: buffer.baseAddress)
      return setsockopt(
        socket.descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, socklen_t(MemoryLayout<sock_fprog>.size))
    }
    guard result == 0 else { throw NetlinkError(action: "attach a socket filter", code: errno) }
  }

  /// BPF_LD | BPF_W | BPF_ABS
  private static let loadWord: UInt16 = 0x20
  /// BPF_JMP | BPF_JEQ | BPF_K
  private static let jumpIfEqual: UInt16 = 0x15
  /// BPF_RET | BPF_K
  private static let returnConstant: UInt16 = 0x06
}
