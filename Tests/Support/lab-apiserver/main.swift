import APIServerFixture
import Foundation

/// Serves the objects of a directory like an API server until a signal ends it:
///
///     lab-apiserver --directory DIR [--listen ADDRESS] [--port PORT] [--token TOKEN]
///                   [--tls-certificate FILE --tls-key FILE [--client-ca FILE --client-name NAME]]
func complain(_ problem: String) { FileHandle.standardError.write(Data("lab-apiserver: \(problem)\n".utf8)) }

func refuse(_ problem: String) -> Never {
  complain(problem)
  exit(2)
}

let flags = ["directory", "listen", "port", "token", "tls-certificate", "tls-key", "client-ca", "client-name"]
var values: [String: String] = [:]
var arguments = CommandLine.arguments.dropFirst()
while let flag = arguments.popFirst() {
  guard let name = flags.first(where: { flag == "--\($0)" }), let value = arguments.popFirst() else {
    refuse("\(flag) is not a flag, or its value is missing")
  }
  values[name] = value
}
guard let directory = values["directory"] else { refuse("--directory is missing") }
guard let port = UInt16(values["port"] ?? "0") else { refuse("--port must be a number from 0 to 65535") }

var options = APIServer.Options()
options.address = values["listen"] ?? "127.0.0.1"
options.port = port
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
    } catch {
      if "\(error)" != lastProblem { complain("\(error)") }
      lastProblem = "\(error)"
    }
  }
} catch {
  complain("\(error)")
  exit(1)
}
