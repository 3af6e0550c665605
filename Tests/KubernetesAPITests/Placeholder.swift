import Testing

@testable import KubernetesAPI
