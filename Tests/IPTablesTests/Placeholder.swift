import Testing

@testable import IPTables
