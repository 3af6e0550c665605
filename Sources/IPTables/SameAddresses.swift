import ServiceModel

/// The classic BPF programs that compare the source and the destination address of a packet.
///
/// The text has the form that `-m bpf --bytecode` reads: the number of instructions, then the code, jumps and constant
/// of each. The program loads each 32-bit word of the source address and copies it to the index register. It then loads
/// the same word of the destination address and compares both. At the first difference it returns 0.
enum SameAddresses {
  static func program(_ family: IPFamily) -> String { family == .ipv4 ? ipv4 : ipv6 }

  /// The family whose addresses a program compares; nil for any other program.
  static func family(of program: String) -> IPFamily? {
    IPFamily.allCases.first { self.program($0) == program }
  }

  private static let ipv4 = program(source: 12, destination: 16, words: 1)
  private static let ipv6 = program(source: 8, destination: 24, words: 4)

  /// - Parameters:
  ///   - source: the offset of the source address in the IP header, in bytes.
  ///   - destination: the offset of the destination address.
  ///   - words: the number of 32-bit words of an address.
  private static func program(source: UInt32, destination: UInt32, words: UInt32) -> String {
    var instructions: [String] = []
    for word in 0..<words {
      // Jumps over four instructions for each further word, and over the instruction that accepts.
      let toEnd = 4 * (words - word - 1) + 1
      instructions += [
        "\(Code.loadWord) 0 0 \(source + 4 * word)", "\(Code.copyToIndex) 0 0 0",
        "\(Code.loadWord) 0 0 \(destination + 4 * word)", "\(Code.jumpIfEqualToIndex) 0 \(toEnd) 0",
      ]
    }
    instructions += ["\(Code.return) 0 0 65535", "\(Code.return) 0 0 0"]
    return ([String(instructions.count)] + instructions).joined(separator: ",")
  }

  /// Instruction codes of `linux/bpf_common.h`.
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
