// swift-tools-version: 6.2
import PackageDescription

/// Applied to every Swift target: no warning survives a build, and each file imports what it uses.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
]

let package = Package(
  name: "swift-kube-proxy",
  products: [
    .executable(name: "swift-kube-proxy", targets: ["swift-kube-proxy"]),
    .library(name: "IPTables", targets: ["IPTables"]),
  ],
  // Exact versions, also of the packages that others bring along: two builds of one commit have the same dependencies.
  // scripts/check-dependencies compares them with what SwiftPM took; docs/architecture.md says what each is for.
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "CNetfilterConntrack", pkgConfig: "libnetfilter_conntrack",
      providers: [.apt(["libnetfilter-conntrack-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CIPTC", pkgConfig: "libiptc", providers: [.apt(["libiptc-dev"])]),

    .target(name: "ServiceModel", swiftSettings: strict),
    .target(name: "IPTables", dependencies: ["ServiceModel"], swiftSettings: strict),
    .target(name: "YAML", dependencies: ["ServiceModel", "CYAML"], swiftSettings: strict),
    .target(name: "KubernetesAPI", dependencies: ["ServiceModel", "YAML"], swiftSettings: strict),
    .target(
      name: "Watcher",
      dependencies: [
        "ServiceModel", "KubernetesAPI", "System", "CCurl", "CLinux",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "Planner",
      dependencies: ["ServiceModel", "IPTables", "Hashing"],
      swiftSettings: strict),
    .target(name: "Hashing", dependencies: ["CCrypto"], swiftSettings: strict),
    // What a daemon knew of its cluster, in a file.
    .target(
      name: "StateFile", dependencies: ["ServiceModel", "System", "Hashing"], swiftSettings: strict),
    .target(name: "System", dependencies: ["CLinux"], swiftSettings: strict),
    .target(name: "Netlink", swiftSettings: strict),
    .target(
      name: "Conntrack", dependencies: ["ServiceModel", "System", "Netlink", "CNetfilterConntrack"],
      swiftSettings: strict),
    .target(
      name: "Inspection", dependencies: ["ServiceModel", "IPTables", "Planner"], swiftSettings: strict),
    .target(
      name: "Applier",
      dependencies: [
        "ServiceModel", "IPTables", "System", "Netlink", "CIPTC", "CLinux",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "KubeProxy",
      dependencies: [
        "ServiceModel", "KubernetesAPI", "Watcher", "IPTables", "Planner", "Applier", "Conntrack", "System",
        "Inspection", "CLinux", "StateFile",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    // What `swift-kube-proxy bench` measures.
    .systemLibrary(name: "CBenchmark"),
    .target(
      name: "Benchmark",
      dependencies: [
        "ServiceModel", "KubernetesAPI", "Watcher", "IPTables", "Planner", "Applier", "KubeProxy", "System",
        "CBenchmark",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "swift-kube-proxy",
      dependencies: [
        "ServiceModel", "KubernetesAPI", "Watcher", "IPTables", "Planner", "Applier", "KubeProxy", "Inspection",
        "Benchmark", "StateFile",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),

    // The cluster in network namespaces that the demo, the study cluster and the kernel tests run in.
    .systemLibrary(name: "CLab"),
    .target(name: "Lab", dependencies: ["ServiceModel", "System", "CLab"], swiftSettings: strict),
    .executableTarget(
      name: "kube-lab",
      dependencies: [
        "ServiceModel", "KubernetesAPI", "Lab", "StudyCluster", "APIServerFixture",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    // A small API server for tests and the lab, over sockets and threads of its own (SwiftNIO would add minutes to a
    // fresh build).
    .systemLibrary(
      name: "COpenSSL", path: "Tests/Support/COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    // Without pkgConfig: a build of the product alone, as the image's, would warn that libnghttp2-dev is missing.
    .systemLibrary(name: "CNghttp2", path: "Tests/Support/CNghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .target(
      name: "APIServerFixture", dependencies: ["System", "YAML", "COpenSSL", "CNghttp2"],
      path: "Tests/Support/APIServerFixture",
      swiftSettings: strict),
    .executableTarget(
      name: "lab-apiserver", dependencies: ["APIServerFixture"],
      path: "Tests/Support/lab-apiserver", swiftSettings: strict),
    .target(
      name: "StudyCluster",
      dependencies: ["ServiceModel", "YAML", "Lab", "APIServerFixture"],
      path: "Tests/Support/StudyCluster", swiftSettings: strict),

    // Captures of the real kube-proxy and recordings of a real API server.
    .target(name: "Fixtures", path: "Tests/Support/Fixtures", swiftSettings: strict),
    // Bytes and objects made wrong, for the tests of everything that reads them.
    .target(name: "Mutations", path: "Tests/Support/Mutations", swiftSettings: strict),
    .testTarget(name: "SystemTests", dependencies: ["System"], swiftSettings: strict),
    .testTarget(name: "HashingTests", dependencies: ["Hashing"], swiftSettings: strict),
    // Writes a state file again and again, to be killed meanwhile.
    .executableTarget(
      name: "state-writer", dependencies: ["StateFile", "ServiceModel"], path: "Tests/Support/state-writer",
      swiftSettings: strict),
    .testTarget(
      name: "StateFileTests",
      dependencies: ["StateFile", "ServiceModel", "Hashing", "Mutations", "System", "state-writer"],
      swiftSettings: strict),
    .testTarget(name: "ServiceModelTests", dependencies: ["ServiceModel"], swiftSettings: strict),
    .testTarget(name: "IPTablesTests", dependencies: ["IPTables", "Fixtures", "Mutations"], swiftSettings: strict),
    .testTarget(name: "YAMLTests", dependencies: ["YAML"], swiftSettings: strict),
    .testTarget(name: "KubernetesAPITests", dependencies: ["KubernetesAPI", "Mutations"], swiftSettings: strict),
    .testTarget(
      name: "PlannerTests",
      dependencies: ["Planner", "KubernetesAPI", "Applier", "ApplierSupport", "Lab", "Mutations"],
      exclude: ["Fixtures"],
      swiftSettings: strict),
    .testTarget(
      name: "ConntrackTests", dependencies: ["Conntrack", "CNetfilterConntrack", "Lab", "Mutations"],
      swiftSettings: strict),
    .testTarget(
      name: "InspectionTests", dependencies: ["Inspection", "Planner", "KubernetesAPI", "Mutations"],
      swiftSettings: strict),
    .testTarget(name: "InspectCommandTests", dependencies: ["swift-kube-proxy", "Lab"], swiftSettings: strict),
    .testTarget(
      name: "WalkKernelTests",
      dependencies: [
        "IPTables", "Inspection", "Planner", "KubeProxy", "KubernetesAPI", "Lab", "swift-kube-proxy",
      ], swiftSettings: strict),
    // A kernel in memory and namespaces of the test's own, for everything that tests the applier or builds on it.
    .target(
      name: "ApplierSupport", dependencies: ["ServiceModel", "IPTables", "Applier", "Lab"],
      path: "Tests/ApplierSupport", swiftSettings: strict),
    .testTarget(
      name: "ApplierTests", dependencies: ["Applier", "ApplierSupport", "Lab", "Mutations", "System"],
      swiftSettings: strict),
    .testTarget(
      name: "BenchmarkTests",
      dependencies: ["Benchmark", "Applier", "IPTables", "KubeProxy", "Planner", "ServiceModel", "System", "Watcher"],
      swiftSettings: strict),
    .testTarget(
      name: "WatcherTests", dependencies: ["Watcher", "APIServerFixture", "Fixtures", "Mutations", "System"],
      swiftSettings: strict),
    .testTarget(
      name: "KubeProxyTests",
      dependencies: [
        "KubeProxy", "Applier", "ApplierSupport", "Conntrack", "Fixtures", "IPTables", "KubernetesAPI", "Mutations",
        "Planner", "ServiceModel", "StateFile", "System", "Watcher",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ManifestTests",
      dependencies: ["ServiceModel", "YAML", "KubernetesAPI", "KubeProxy", "Lab"],
      swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "swift-kube-proxy", "KubernetesAPI", "ServiceModel",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .testTarget(name: "LabTests", dependencies: ["Lab"], swiftSettings: strict),
    .testTarget(
      name: "KernelTests",
      dependencies: ["KubeProxy", "swift-kube-proxy", "Lab", "StudyCluster", "APIServerFixture", "Fixtures"],
      exclude: ["Fixtures"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
