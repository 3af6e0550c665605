package enum HTTPStatus {
  /// The words after a status code in the first line of an answer (RFC 9110 section 15).
  package static func reason(_ code: Int) -> String { reasons[code] ?? "Unknown" }

  private static let reasons = [
    200: "OK", 201: "Created", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout",
    431: "Request Header Fields Too Large", 500: "Internal Server Error", 503: "Service Unavailable",
    505: "HTTP Version Not Supported",
  ]
}
