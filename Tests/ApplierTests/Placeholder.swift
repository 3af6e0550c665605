import Testing

@testable import Applier
