import Testing

@testable import YAML

/// Converts the first document of a text.
func convert(_ yaml: String) throws -> [UInt8] {
  let document = try #require(try YAMLDocuments(yaml).next())
  return try YAMLToJSON.convert(document.root)
}
