import Glibc

/// What the kernel answers to a batch of deletions: it tells failures of all messages, but success of the last only.
struct BatchAnswers {
  /// The sequence number of the last message, whose answer ends the batch.
  let last: UInt32
  private(set) var isComplete = false
  /// Entries that had gone before.
  private(set) var gone = 0
  /// Entries that have to stay for now, as those whose packets a flow table forwards.
  private(set) var busy = 0

  init(last: UInt32) { self.last = last }

  /// Takes the answer to the message of that number. Returns false for a failure that is more than one entry's.
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
