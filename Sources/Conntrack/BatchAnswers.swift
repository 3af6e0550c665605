import Glibc

/// The kernel's answers to a batch of deletions. The kernel reports every message that failed, but confirms success
/// only for the last message, because only the last message sets NLM_F_ACK.
struct BatchAnswers {
  /// The sequence number of the last message, whose answer ends the batch.
  let last: UInt32
  private(set) var isComplete = false
  /// Entries that were already gone.
  private(set) var gone = 0
  /// Entries that the kernel refuses to delete for now, for example because a flow table forwards their packets.
  private(set) var busy = 0

  init(last: UInt32) { self.last = last }

  /// Takes the kernel's answer to message `number`. Returns false if the failure concerns more than one entry.
  mutating func take(_ code: Int32, to number: UInt32) -> Bool {
    switch code {
    case 0: break
    case ENOENT: gone += 1
    case EBUSY: busy += 1
    default: return false
    }
    if number == last { isComplete = true }
    return true
  }
}
