import CBenchmark
import Glibc
import System

/// Network namespaces that are created for a measurement. A namespace disappears with its last process.
enum OwnNamespace {
  /// Runs blocking work on its own thread, in a new and empty network namespace, and waits for it.
  ///
  /// Processes and sockets that the thread starts are in the namespace. The rest of the program stays in its own
  /// namespace.
  static func run<Value>(_ work: () throws -> Value) throws -> Value {
    try thread {
      do throws(SystemError) {
        try SystemError.check(unshare(SKP_CLONE_NEWNET), "make a network namespace")
      } catch {
        throw refusal(error)
      }
      return try work()
    }
  }

  /// The error if no namespace could be created. A pod of the DaemonSet lacks the privilege.
  static func refusal(_ error: SystemError) -> any Error {
    guard error.code == EPERM else { return error }
    return BenchmarkError.unusable(
      "the benchmark makes a network namespace for each measurement, which needs root and CAP_SYS_ADMIN; the "
        + "DaemonSet's pod has no such right: run the benchmark on the node itself, or in a pod of "
        + "kubectl debug node/NODE --image=IMAGE --profile=sysadmin")
  }

  /// Throws unless the calling thread is in a namespace that was created for this program. The namespace must differ
  /// from those of the parent process and of the host's first process, and may hold only the loopback interface.
  static func requireOwn() throws {
    let own = try identity("/proc/thread-self/ns/net")
    if own == (try identity("/proc/\(getppid())/ns/net")) {
      throw BenchmarkError.hostNamespace("this is the network namespace of the process that started this one")
    }
    // On some hosts even root cannot read the namespace of the first process.
    if own == (try? identity("/proc/1/ns/net")) {
      throw BenchmarkError.hostNamespace("this is the host's own network namespace")
    }
    let interfaces = try TextFile.read("/proc/thread-self/net/dev").split(separator: "\n").dropFirst(2)
    let names = interfaces.compactMap { $0.split(separator: ":").first?.drop { $0 == " " } }
    guard names.allSatisfy({ $0 == "lo" || isFallback($0) }) else {
      throw BenchmarkError.hostNamespace("this network namespace has interfaces: \(names.joined(separator: ", "))")
    }
  }

  /// Devices that the kernel puts into every new namespace if its tunnel modules are loaded.
  private static func isFallback(_ name: Substring) -> Bool {
    ["tunl0", "sit0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "ip6tnl0", "ip6gre0"].contains(name)
  }

  private static func identity(_ path: String) throws(SystemError) -> UInt64 {
    var status = stat()
    try SystemError.check(stat(path, &status), "look at \(path)")
    return UInt64(status.st_ino)
  }

  private static func thread<Value>(_ work: () throws -> Value) throws -> Value {
    var result: Result<Value, any Error>?
    try withoutActuallyEscaping(work) { work in
      // The thread ends before this function returns, and no other code uses the box meanwhile.
      nonisolated(unsafe) let box = ThreadBox { result = Result(catching: work) }
      var thread = pthread_t()
      let error = pthread_create(
        &thread, nil,
        { argument in
          Unmanaged<ThreadBox>.fromOpaque(argument!).takeUnretainedValue().body()
          return nil
        }, Unmanaged.passUnretained(box).toOpaque())
      guard error == 0 else { throw SystemError(action: "start a thread", code: error) }
      withExtendedLifetime(box) { _ = pthread_join(thread, nil) }
    }
    return try result!.get()
  }
}

private final class ThreadBox {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}
