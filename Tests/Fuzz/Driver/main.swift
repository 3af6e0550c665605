import CLibFuzzer
import FuzzReaders
import Glibc

// fuzz: prints the names of the readers.
// fuzz --reader=NAME --dictionary: prints the words of the reader's format for libFuzzer.
// fuzz --reader=NAME [ARGUMENTS OF LIBFUZZER]: calls the reader with the inputs that libFuzzer makes.

func fail(_ message: String) -> Never {
  let text = "fuzz: \(message)\n"
  _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  exit(2)
}

guard CommandLine.arguments.count > 1 else {
  for reader in FuzzReader.all { print(reader) }
  exit(0)
}
let option = "--reader="
let name = CommandLine.arguments.first { $0.hasPrefix(option) }?.dropFirst(option.count) ?? ""
guard let reader = FuzzReader.all.first(where: { $0.name == name }) else { fail("there is no reader \"\(name)\"") }
if CommandLine.arguments.contains("--dictionary") {
  for word in reader.words {
    let bytes = word.map { ($0 < 16 ? "\\x0" : "\\x") + String($0, radix: 16) }
    print("\"\(bytes.joined())\"")
  }
  exit(0)
}

/// libFuzzer calls a C function, which can use a global constant, but not what `guard` names.
let chosen = reader

// libFuzzer ignores options that begin with two hyphens. It starts this program again with the same options when it
// reduces a corpus.
let status = fuzz_run(CommandLine.argc, CommandLine.unsafeArgv) { start, count in
  do throws(Finding) {
    try chosen.read(Array(UnsafeBufferPointer(start: start, count: count)))
  } catch {
    // libFuzzer keeps the input of a process that crashes.
    fatalError("\(error)")
  }
  return 0
}
if status < 0 { fail("this program was built without libFuzzer; `make fuzz` builds it with libFuzzer") }
exit(status)
