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

  /// To be called after work that needed much for a short time: gives back to the kernel what is free.
  public static func trim() { malloc_trim(0) }
}
