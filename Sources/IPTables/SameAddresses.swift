import ServiceModel

/// The classic BPF programs that tell whether a packet's source and destination address are the same.
///
/// As `-m bpf --bytecode` takes them: the number of instructions, then each one's code, jumps and constant. Each 32-bit
/// word of the source address is loaded and copied to the index register, the same word of the destination is loaded and
/// compared with it, and the first difference ends the program with 0.
enum SameAddresses {
  static func program(_ family: IPFamily) -> String { family == .ipv4 ? ipv4 : ipv6 }

  /// The family whose addresses a program compares; nil for any other program.
  static func family(of program: String) -> IPFamily? {
    IPFamily.allCases.first { self.program($0) == program }
  }

  private static let ipv4 = program(source: 12, destination: 16, words: 1)
  private static let ipv6 = program(source: 8, destination: 24, words: 4)

  /// - Parameters:
  ///   - source: where the source address begins in the IP header, in bytes.
  ///   - destination: the same for the destination address.
  ///   - words: how many words an address has.
  private static func program(source: UInt32, destination: UInt32, words: UInt32) -> String {
    var instructions: [String] = []
    for word in 0..<words {
      // Over the four instructions of each further word, and over the one that accepts.
      let toEnd = 4 * (words - word - 1) + 1
      instructions += [
        "\(Code.loadWord) 0 0 \(source + 4 * word)", "\(Code.copyToIndex) 0 0 0",
        "\(Code.loadWord) 0 0 \(destination + 4 * word)", "\(Code.jumpIfEqualToIndex) 0 \(toEnd) 0",
      ]
    }
    instructions += ["\(Code.return) 0 0 65535", "\(Code.return) 0 0 0"]
    return ([String(instructions.count)] + instructions).joined(separator: ",")
  }

  /// Codes of `linux/bpf_common.h`.
  private enum Code {
    /// BPF_LD | BPF_W | BPF_ABS
    static let loadWord = 0x20
    /// BPF_MISC | BPF_TAX
    static let copyToIndex = 0x07
    /// BPF_JMP | BPF_JEQ | BPF_X
    static let jumpIfEqualToIndex = 0x1d
    /// BPF_RET | BPF_K
    static let `return` = 0x06
  }
}
