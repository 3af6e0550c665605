import Glibc

/// The CPU time that this process and the processes that it has waited for have used so far.
package enum CPUTime {
  package static func used() -> Duration { used(by: RUSAGE_SELF) + used(by: RUSAGE_CHILDREN) }

  private static func used(by who: __rusage_who) -> Duration {
    var usage = rusage()
    getrusage(__rusage_who_t(who.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(.zero) {
      $0 + .seconds(Int64($1.tv_sec)) + .microseconds(Int64($1.tv_usec))
    }
  }
}
