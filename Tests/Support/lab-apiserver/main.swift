import APIServerFixture
import Foundation

/// Serves the objects of a directory like an API server until a signal ends it:
///
///     lab-apiserver --directory DIR [--listen ADDRESS] [--port PORT] [--token TOKEN]
///                   [--tls-certificate FILE --tls-key FILE [--client-ca FILE --client-name NAME]]
var values: [String: String] = [:]
var arguments = CommandLine.arguments.dropFirst()
while let flag = arguments.popFirst() {
  guard flag.hasPrefix("--"), let value = arguments.popFirst() else {
    FileHandle.standardError.write(Data("lab-apiserver: \(flag) is no flag with a value\n".utf8))
    exit(2)
  }
  values[String(flag.dropFirst(2))] = value
}
guard let directory = values["directory"] else {
  FileHandle.standardError.write(Data("lab-apiserver: --directory is missing\n".utf8))
  exit(2)
}

var options = APIServer.Options()
options.address = values["listen"] ?? "127.0.0.1"
options.port = values["port"].flatMap { UInt16($0) } ?? 0
if let certificate = values["tls-certificate"], let key = values["tls-key"] {
  options.tls = ServerTLS(certificate: certificate, key: key, clientCA: values["client-ca"])
}
if let token = values["token"] { options.authentication.tokens = [token] }
if let name = values["client-name"] { options.authentication.commonNames = [name] }

let store = ObjectStore()
let source = DirectorySource(directory: directory, store: store)
do {
  try source.refresh()
  let server = APIServer(store: store, options: options)
  try server.start()
  print("listening on \(server.url)")
  fflush(nil)
  var lastProblem = ""
  while true {
    Thread.sleep(forTimeInterval: 0.05)
    do {
      try source.refresh()
      lastProblem = ""
    } catch  where "\(error)" != lastProblem {
      lastProblem = "\(error)"
      FileHandle.standardError.write(Data("lab-apiserver: \(error)\n".utf8))
    }
  }
} catch {
  FileHandle.standardError.write(Data("lab-apiserver: \(error)\n".utf8))
  exit(1)
}
