// swift-tools-version: 6.2
import PackageDescription

/// Applied to every Swift target: a warning stops the build, and each file imports what it uses.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
]

let package = Package(
  name: "swift-kube-proxy",
  products: [.executable(name: "swift-kube-proxy", targets: ["swift-kube-proxy"])],
  // Two builds of one commit have the same dependencies: all versions are exact, including those of indirect packages,
  // and the comment above each package is the git tree id of its Sources. scripts/check-dependencies compares both with
  // what SwiftPM took. docs/architecture.md says what each package is for.
  dependencies: [
    // c129dc47af2ef80b11512ad57d589f00d47b286a
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    // 1ed54e87e4947fd11ec5fa8ddcc6906f1ab2d98a
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

    // Values, and tools that do not know Kubernetes or iptables.
    .target(name: "Time", swiftSettings: strict),
    .target(name: "ServiceModel", dependencies: ["Time"], swiftSettings: strict),
    .target(name: "System", dependencies: ["CLinux"], swiftSettings: strict),
    .target(name: "Markup", dependencies: ["ServiceModel"], swiftSettings: strict),
    .target(name: "Hashing", dependencies: ["CCrypto"], swiftSettings: strict),
    .target(name: "Netlink", dependencies: ["ServiceModel", "System", "CLinux"], swiftSettings: strict),
    .target(name: "HTTP", swiftSettings: strict),
    .target(name: "YAML", dependencies: ["ServiceModel", "CYAML"], swiftSettings: strict),
    .target(
      name: "Telemetry",
      dependencies: ["ServiceModel", "Time", "System", "CLinux", .product(name: "Logging", package: "swift-log")],
      swiftSettings: strict),
    .target(
      name: "HTTPServer",
      dependencies: [
        "ServiceModel", "Time", "System", "HTTP", "CLinux", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),

    .target(name: "Health", dependencies: ["ServiceModel", "Time", "HTTP", "HTTPServer"], swiftSettings: strict),

    // From the cluster to events.
    .target(name: "KubernetesAPI", dependencies: ["ServiceModel", "Time", "YAML"], swiftSettings: strict),
    .target(
      name: "Configuration", dependencies: ["ServiceModel", "Time", "YAML", "KubernetesAPI"], swiftSettings: strict),
    .target(
      name: "Watcher",
      dependencies: [
        "ServiceModel", "Time", "KubernetesAPI", "Configuration", "System", "HTTP", "CCurl",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    // What a daemon knew of its cluster, in a file.
    .target(
      name: "StateFile", dependencies: ["ServiceModel", "Time", "System", "Hashing"], swiftSettings: strict),

    // From events to rules, and from rules into the kernel.
    .target(name: "IPTables", dependencies: ["ServiceModel"], swiftSettings: strict),
    .target(name: "RuleAnalysis", dependencies: ["ServiceModel", "IPTables"], swiftSettings: strict),
    .target(name: "Planner", dependencies: ["ServiceModel", "IPTables", "Hashing"], swiftSettings: strict),
    .target(
      name: "Applier",
      dependencies: ["ServiceModel", "Time", "IPTables", "RuleAnalysis", "System", "Netlink", "CIPTC", "CLinux"],
      swiftSettings: strict),
    .target(
      name: "Conntrack", dependencies: ["ServiceModel", "Time", "System", "Netlink", "CNetfilterConntrack"],
      swiftSettings: strict),

    // What people see, and the programs.
    .target(
      name: "Inspection", dependencies: ["ServiceModel", "Markup", "IPTables", "RuleAnalysis", "Planner"],
      swiftSettings: strict),
    // What another proxy wrote, compared with what this one would write.
    .target(
      name: "Shadow",
      dependencies: [
        "ServiceModel", "Time", "System", "IPTables", "RuleAnalysis", "Planner", "Applier", "Inspection",
      ],
      swiftSettings: strict),
    .target(
      name: "StatusPage",
      dependencies: [
        "ServiceModel", "Time", "Markup", "Telemetry", "HTTP", "HTTPServer", "Health", "Shadow", "KubernetesAPI",
        "Watcher", "IPTables", "Planner", "Conntrack", "System",
      ],
      swiftSettings: strict),
    .target(
      name: "KubeProxy",
      dependencies: [
        "ServiceModel", "Time", "System", "Telemetry", "HTTP", "HTTPServer", "Health", "Shadow", "StatusPage",
        "KubernetesAPI",
        "Configuration", "Watcher", "StateFile", "IPTables", "Planner", "Applier", "Conntrack",
        "Inspection",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    // For the measurements of `swift-kube-proxy bench`.
    .systemLibrary(name: "CBenchmark"),
    .target(
      name: "Benchmark",
      dependencies: [
        "ServiceModel", "Time", "System", "Markup", "Telemetry", "HTTP", "HTTPServer", "KubernetesAPI", "Watcher",
        "IPTables", "Planner", "Applier", "Shadow", "KubeProxy", "CBenchmark",
      ],
      swiftSettings: strict),
    .target(
      name: "Commands",
      dependencies: [
        "ServiceModel", "Time", "System", "Telemetry", "KubernetesAPI", "Configuration", "Watcher",
        "StateFile", "IPTables", "RuleAnalysis", "Planner", "Applier", "KubeProxy", "Inspection",
        "Benchmark",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .executableTarget(name: "swift-kube-proxy", dependencies: ["Commands"], swiftSettings: strict),

    // All that follows is for the demo, the study cluster and the tests, and is not shipped.
    // The cluster in network namespaces.
    .systemLibrary(name: "CLab", path: "Tests/Support/CLab"),
    .target(
      name: "Lab", dependencies: ["ServiceModel", "System", "CLab"], path: "Tests/Support/Lab",
      swiftSettings: strict),
    .executableTarget(
      name: "kube-lab",
      dependencies: [
        "ServiceModel", "Time", "KubernetesAPI", "Configuration", "Lab", "StudyCluster", "APIServerFixture",
        "ProtobufFixture", "Watcher", "HTTP",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Support/kube-lab", swiftSettings: strict),
    // A small API server for tests and the lab, with its own sockets and threads. SwiftNIO would add minutes to the
    // first build.
    .systemLibrary(
      name: "COpenSSL", path: "Tests/Support/COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    // It has no pkgConfig, because a build of the product alone, such as the image's, would warn that libnghttp2-dev is
    // missing.
    .systemLibrary(name: "CNghttp2", path: "Tests/Support/CNghttp2", providers: [.apt(["libnghttp2-dev"])]),
    // Kubernetes objects in the protobuf form that an API server sends.
    .target(name: "ProtobufFixture", path: "Tests/Support/ProtobufFixture", swiftSettings: strict),
    .target(
      name: "APIServerFixture",
      dependencies: ["ServiceModel", "System", "YAML", "COpenSSL", "CNghttp2", "ProtobufFixture"],
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
    // Edges of the program in memory: files, sysctls, counters, the kernel's table of connections, the log.
    .target(
      name: "Doubles",
      dependencies: [
        "ServiceModel", "Time", "System", "IPTables", "KubernetesAPI", "Watcher", "Applier", "Conntrack",
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/Support/Doubles", swiftSettings: strict),
    // Damaged bytes and objects, for the tests of every reader.
    .target(name: "Mutations", path: "Tests/Support/Mutations", swiftSettings: strict),
    // Every reader of bytes from outside, for the fuzzer and for the tests that replay its corpus.
    .target(
      name: "FuzzReaders",
      dependencies: [
        "Configuration", "HTTPServer", "Time",
        "Applier", "Conntrack", "Hashing", "IPTables", "KubernetesAPI", "Netlink", "ServiceModel", "StateFile",
        "Watcher", "YAML",
      ],
      path: "Tests/Fuzz/Readers", swiftSettings: strict),
    .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzz/CLibFuzzer"),
    .executableTarget(
      name: "fuzz", dependencies: ["CLibFuzzer", "FuzzReaders"], path: "Tests/Fuzz/Driver", swiftSettings: strict),
    .testTarget(name: "FuzzTests", dependencies: ["FuzzReaders", "Mutations"], swiftSettings: strict),
    .testTarget(name: "SystemTests", dependencies: ["System"], swiftSettings: strict),
    .testTarget(name: "NetlinkTests", dependencies: ["Netlink", "ServiceModel", "System"], swiftSettings: strict),
    .testTarget(name: "MarkupTests", dependencies: ["Markup"], swiftSettings: strict),
    .testTarget(name: "HashingTests", dependencies: ["Hashing"], swiftSettings: strict),
    // Writes a state file again and again, to be killed meanwhile.
    .executableTarget(
      name: "state-writer", dependencies: ["StateFile", "ServiceModel", "Time", "Lab"],
      path: "Tests/Support/state-writer",
      swiftSettings: strict),
    .testTarget(
      name: "StateFileTests",
      dependencies: ["StateFile", "ServiceModel", "Time", "Hashing", "Lab", "Mutations", "System", "state-writer"],
      swiftSettings: strict),
    .testTarget(name: "TimeTests", dependencies: ["System", "Time"], swiftSettings: strict),
    .testTarget(name: "HTTPTests", dependencies: ["HTTP"], swiftSettings: strict),
    .testTarget(
      name: "HTTPServerTests", dependencies: ["HTTP", "HTTPServer", "ServiceModel", "Time"], swiftSettings: strict),
    .testTarget(
      name: "ConfigurationTests",
      dependencies: ["Doubles", "Configuration", "KubernetesAPI", "ServiceModel", "Time", "YAML"],
      swiftSettings: strict),
    .testTarget(
      name: "RuleAnalysisTests", dependencies: ["RuleAnalysis", "IPTables", "ServiceModel"], swiftSettings: strict),
    .testTarget(name: "ServiceModelTests", dependencies: ["ServiceModel"], swiftSettings: strict),
    .testTarget(
      name: "IPTablesTests", dependencies: ["RuleAnalysis", "ServiceModel", "IPTables", "Fixtures", "Mutations"],
      swiftSettings: strict),
    .testTarget(name: "YAMLTests", dependencies: ["YAML"], swiftSettings: strict),
    .testTarget(
      name: "KubernetesAPITests",
      dependencies: [
        "Doubles", "Configuration", "ServiceModel", "Time", "YAML", "KubernetesAPI", "Mutations", "ProtobufFixture",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "PlannerTests",
      dependencies: [
        "Doubles",
        "IPTables", "RuleAnalysis", "ServiceModel", "Planner", "KubernetesAPI", "Applier", "ApplierSupport", "Lab",
        "Mutations",
      ],
      exclude: ["Fixtures"],
      swiftSettings: strict),
    .testTarget(
      name: "ConntrackTests",
      dependencies: [
        "Doubles", "ServiceModel", "Conntrack", "CNetfilterConntrack", "Lab", "Mutations", "Netlink", "System",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "InspectionTests",
      dependencies: [
        "Doubles",
        "IPTables", "RuleAnalysis", "ServiceModel", "Inspection", "Planner", "KubernetesAPI", "Mutations",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "InspectCommandTests", dependencies: ["Configuration", "swift-kube-proxy", "Lab"], swiftSettings: strict),
    .testTarget(
      name: "WalkKernelTests",
      dependencies: [
        "Doubles",
        "RuleAnalysis", "ServiceModel",
        "IPTables", "Inspection", "Planner", "KubeProxy", "KubernetesAPI", "Lab", "swift-kube-proxy",
      ], swiftSettings: strict),
    // A kernel in memory and network namespaces for tests that use the applier.
    .target(
      name: "ApplierSupport", dependencies: ["ServiceModel", "IPTables", "Applier", "Lab"],
      path: "Tests/Support/ApplierSupport", swiftSettings: strict),
    .testTarget(
      name: "ApplierTests",
      dependencies: [
        "Doubles",
        "IPTables", "RuleAnalysis", "ServiceModel", "Applier", "ApplierSupport", "Lab", "Mutations", "Netlink",
        "System",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "BenchmarkTests",
      dependencies: [
        "Doubles",
        "Benchmark", "Applier", "IPTables", "KubeProxy", "KubernetesAPI", "Markup", "Planner", "ServiceModel",
        "System", "Watcher",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "WatcherTests",
      dependencies: [
        "Doubles",
        "Configuration", "KubernetesAPI", "ServiceModel", "Watcher", "APIServerFixture", "Fixtures", "Mutations",
        "ProtobufFixture", "HTTP", "System", "Time",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "KubeProxyTests",
      dependencies: [
        "Doubles",
        "Configuration", "Health", "HTTP", "HTTPServer", "Shadow", "StatusPage", "Telemetry", "Time",
        "KubeProxy", "Applier", "ApplierSupport", "Conntrack", "Fixtures", "IPTables", "KubernetesAPI", "Mutations",
        "Planner", "ServiceModel", "StateFile", "System", "Watcher",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ManifestTests",
      dependencies: ["Telemetry", "ServiceModel", "YAML", "KubernetesAPI", "KubeProxy", "Lab"],
      swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "Doubles",
        "Applier", "Commands", "Configuration", "IPTables", "Time",
        "KubernetesAPI", "ServiceModel",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .testTarget(name: "LabTests", dependencies: ["ServiceModel", "Lab"], swiftSettings: strict),
    .testTarget(
      name: "KernelTests",
      dependencies: [
        "Configuration", "ServiceModel", "KubeProxy", "swift-kube-proxy", "Lab", "StudyCluster", "APIServerFixture",
        "Fixtures",
      ],
      exclude: ["Fixtures"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)

// These targets do nearly all computations of the tests. Unoptimized they take many times as long, so debug builds
// optimize them too. Preconditions stay, and there are no assertions.
let optimized: Set = [
  "ServiceModel", "IPTables", "RuleAnalysis", "YAML", "KubernetesAPI", "Planner", "Hashing", "StateFile", "Inspection",
  "Applier", "Shadow", "Lab", "ApplierSupport", "PlannerTests", "StateFileTests", "WalkKernelTests",
]
for target in package.targets where optimized.contains(target.name) {
  target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-O"], .when(configuration: .debug))]
}
