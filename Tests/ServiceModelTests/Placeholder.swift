import Testing

@testable import ServiceModel
