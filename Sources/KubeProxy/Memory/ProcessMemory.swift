import CLinux
import Glibc

/// Keeps what the process has resident near what it uses.
public enum ProcessMemory {
  /// To be called at the start, while there is one thread.
  public static func prepare() {
    // Few threads allocate here, and each arena keeps what was freed in it to itself.
    mallopt(M_ARENA_MAX, 1)
    // Without fixed bounds glibc raises them to the size of whatever large block was freed, and keeps such blocks then.
    mallopt(M_MMAP_THRESHOLD, 128 << 10)
    mallopt(M_TRIM_THRESHOLD, 256 << 10)
  }

  /// To be called after work that needed much for a short time: gives back what is free, and forgets code that is
  /// mapped but may not run again soon.
  ///
  /// Start-up touches most of the program's pages once (the dynamic linker, and the runtime when it looks for
  /// conformances). The kernel keeps them in its page cache; what is needed again is mapped again without being read.
  public static func trim() {
    malloc_trim(0)
    for code in executableMappings() {
      madvise(UnsafeMutableRawPointer(bitPattern: code.start), code.size, MADV_DONTNEED)
    }
  }

  private struct Mapping {
    let start: UInt
    let size: Int
  }

  /// Mapped files that nothing can have written to.
  private static func executableMappings() -> [Mapping] {
    guard let maps = TextFile.read("/proc/self/maps") else { return [] }
    return maps.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      guard words.count == 6, words[1] == "r-xp", words[5].hasPrefix("/") else { return nil }
      let range = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard range.count == 2, range[0] < range[1] else { return nil }
      return Mapping(start: range[0], size: Int(range[1] - range[0]))
    }
  }
}
