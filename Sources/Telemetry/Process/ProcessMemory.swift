import CLinux
import Glibc

/// Keeps the resident memory of the process close to what it uses.
package enum ProcessMemory {
  /// Call this first in the program, because arenas that threads already use stay.
  package static func prepare() {
    // Few threads allocate memory here. Memory that was freed in one arena cannot be used by another arena.
    mallopt(M_ARENA_MAX, 1)
    // Without fixed thresholds glibc raises both when a large block is freed, and then keeps freed blocks of this size.
    mallopt(M_MMAP_THRESHOLD, 128 << 10)
    mallopt(M_TRIM_THRESHOLD, 256 << 10)
  }

  /// Gives free memory back to the kernel. Call this after work that needed much memory for a short time.
  package static func trim() { malloc_trim(0) }
}
