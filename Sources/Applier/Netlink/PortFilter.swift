import CLinux
import Glibc
import Netlink
import System

/// A filter in the kernel (classic BPF) that keeps messages about this program's own commits away from a netlink
/// socket.
///
/// Otherwise the kernel would send hundreds of thousands of messages during a full sync of a large cluster, which would
/// slow down the sync.
enum PortFilter {
  /// Accepts all messages except those that sockets with these ports caused.
  static func attach(ignoring ports: [Int32], to socket: NetlinkSocket) throws(SystemError) {
    // The port of the first message is at byte 12. BPF loads big-endian numbers, but the header is in the machine's
    // byte order. A jump can skip at most 255 instructions. Messages of further ports are received, and recognised by
    // their pid.
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
    try SystemError.check(result, "attach a socket filter")
  }

  /// BPF_LD | BPF_W | BPF_ABS
  private static let loadWord: UInt16 = 0x20
  /// BPF_JMP | BPF_JEQ | BPF_K
  private static let jumpIfEqual: UInt16 = 0x15
  /// BPF_RET | BPF_K
  private static let returnConstant: UInt16 = 0x06
}
