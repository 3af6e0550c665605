import CLinux
import Glibc
import Netlink
import System

/// A filter in the kernel (classic BPF) that keeps messages about this program's own commits away from a netlink
/// socket. Of each commit only the last message is left, which has the number of the new generation.
///
/// Otherwise the kernel would send hundreds of thousands of messages during a full sync of a large cluster, which would
/// slow down the sync.
enum PortFilter {
  /// Accepts all messages except those that sockets with these ports caused.
  static func attach(ignoring ports: [Int32], to socket: NetlinkSocket) throws(SystemError) {
    // A jump can skip at most 255 instructions. Messages of further ports are received too.
    let ports = ports.prefix(255)
    // BPF loads big-endian numbers, but the header of a message is in the machine's byte order. The kernel sends
    // NFT_MSG_NEWGEN in a datagram of its own.
    let newGeneration = NetfilterNumbers.tablesSubsystem << 8 | UInt16(NFT_MSG_NEWGEN.rawValue)
    var program = [
      sock_filter(code: loadHalf, jt: 0, jf: 0, k: kindOffset),
      sock_filter(code: jumpIfEqual, jt: 0, jf: 1, k: UInt32(newGeneration.bigEndian)),
      sock_filter(code: returnConstant, jt: 0, jf: 0, k: .max),
      sock_filter(code: loadWord, jt: 0, jf: 0, k: portOffset),
    ]
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

  /// The places of `nlmsg_type` and `nlmsg_pid` in the header of the datagram's first message.
  private static let kindOffset: UInt32 = 4
  private static let portOffset: UInt32 = 12
  /// BPF_LD | BPF_H | BPF_ABS
  private static let loadHalf: UInt16 = 0x28
  /// BPF_LD | BPF_W | BPF_ABS
  private static let loadWord: UInt16 = 0x20
  /// BPF_JMP | BPF_JEQ | BPF_K
  private static let jumpIfEqual: UInt16 = 0x15
  /// BPF_RET | BPF_K
  private static let returnConstant: UInt16 = 0x06
}
