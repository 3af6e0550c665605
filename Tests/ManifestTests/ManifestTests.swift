import Foundation
import KubernetesAPI
import Lab
import ServiceModel
import Testing

@Suite(.timeLimit(.minutes(5))) struct ManifestTests {
  static let files = [
    "base/service-account.yaml", "base/rbac.yaml", "base/daemon-set.yaml", "overlays/kind/config-map.yaml",
    "swift-kube-proxy.yaml", "kind.yaml", "kind-dual-stack.yaml", "monitoring/pod-monitor.yaml",
    "monitoring/prometheus-rule.yaml", "overlays/shadow/rbac.yaml", "overlays/shadow/daemon-set.yaml",
  ]

  @Test(arguments: files)
  func `each object has the fields of its kind and no others`(_ file: String) throws {
    let objects = try Manifests.objects(file)
    #expect(!objects.isEmpty)
    for object in objects {
      let schema = try #require(Schema.kinds[object.kind], "\(object.kind)")
      #expect(schema.problems(object.value, at: object.kind) == [])
    }
  }

  @Test
  func `a field that is misspelt or of the wrong kind is found`() throws {
    let text = try Manifests.text("base/daemon-set.yaml")
    for (right, wrong) in [
      ("hostNetwork: true", "hostNetwork: 'yes'"), ("tolerations:", "toleration:"),
      ("type: RollingUpdate", "type: Roll"),
      ("mountPath: /tmp", "path: /tmp"),
    ] {
      let object = try Manifests.objects(yaml: text.replacing(right, with: wrong))[0]
      let problems = Schema.kinds["apps/v1/DaemonSet"]?.problems(object.value, at: "")
      #expect(problems?.isEmpty == false, "\(wrong)")
    }
  }

  @Test
  func `the DaemonSet's parts fit together, and it has only the rights that it needs`() throws {
    let objects = try Manifests.objects("swift-kube-proxy.yaml")
    func object(_ kind: String) throws -> Part { try #require(objects.first { $0["kind"].string == kind }) }
    let spec = try object("DaemonSet")["spec"]
    let template = spec["template"]
    for (key, value) in spec["selector"]["matchLabels"].map {
      #expect(template["metadata"]["labels"].map[key] == value)
    }
    let pod = template["spec"]
    #expect(pod["serviceAccountName"].string == (try object("ServiceAccount"))["metadata"]["name"].string)
    #expect(pod["priorityClassName"].string == "system-node-critical")
    #expect(pod["hostNetwork"].bool == true)

    let volumes = Set(pod["volumes"].list.compactMap { $0["name"].string })
    for container in pod["initContainers"].list + pod["containers"].list {
      for mount in container["volumeMounts"].list { #expect(volumes.contains(mount["name"].string ?? "")) }
    }
    let configMap = try object("ConfigMap")
    #expect(pod["volumes"].list.contains { $0["configMap"]["name"].string == configMap["metadata"]["name"].string })
    #expect(Set(configMap["data"].map.keys) == ["config.conf", "kubeconfig.conf"])

    let proxy = try #require(pod["containers"].list.first)
    #expect(proxy["securityContext"]["privileged"].bool == nil)
    #expect(proxy["securityContext"]["capabilities"]["add"].strings == ["NET_ADMIN", "NET_RAW"])
    #expect(proxy["securityContext"]["capabilities"]["drop"].strings == ["ALL"])
    #expect(pod["initContainers"].list.first?["args"].strings.contains("--init-only") == true)
  }

  @Test
  func `the pod starts without a shell, without Warning events, and under a seccomp profile`() throws {
    let template = try #require(try Manifests.objects("base/daemon-set.yaml").first)["spec"]["template"]
    let pod = template["spec"]
    for container in pod["initContainers"].list + pod["containers"].list {
      #expect(container["command"].strings == ["/usr/local/bin/swift-kube-proxy"], "the image has no shell")
    }
    let proxy = try #require(pod["containers"].list.first)
    let annotations = template["metadata"]["annotations"].map
    #expect(annotations["kubectl.kubernetes.io/default-container"] == proxy["name"].string)
    #expect(proxy["securityContext"]["seccompProfile"]["type"].string == "RuntimeDefault")
    // This is the first probe of the container. A failing probe would create an Event.
    let delay = proxy["startupProbe"]["initialDelaySeconds"].value as? Int ?? 0
    #expect(delay >= 1)
  }

  @Test
  func `Dockerfile and image-check assemble the same root, on which nothing is installed`() throws {
    let dockerfile = try DocumentTests.text("Dockerfile")
    let stages = dockerfile.matches(of: /(?m)^FROM (.*)$/).map { String($0.1) }
    #expect(stages == ["${BUILD_IMAGE} AS build", "scratch"])
    for text in [dockerfile, try DocumentTests.text("scripts/image-check")] {
      #expect(text.contains(/scripts\/image-root "/))
    }
    #expect(try DocumentTests.text(".dockerignore").contains("!scripts/image-root\n"))
  }

  @Test
  func `roles allow reading what is read, and writing Events`() throws {
    let role = try #require(try Manifests.objects("base/rbac.yaml").first { $0["kind"].string == "ClusterRole" })
    for rule in role["rules"].list {
      let writes = !Set(rule["verbs"].strings).isSubset(of: ["get", "list", "watch"])
      #expect(!writes || rule["resources"].strings == ["events"])
      #expect(!rule["resources"].strings.contains("*") && !rule["verbs"].strings.contains("*"))
    }
  }

  @Test
  func `the shadow may read what is read, and write nothing`() throws {
    let role = try #require(
      try Manifests.objects("overlays/shadow/rbac.yaml").first { $0["kind"].string == "ClusterRole" })
    for rule in role["rules"].list { #expect(Set(rule["verbs"].strings) == ["list", "watch"]) }
    let daemonSet = try #require(try Manifests.objects("overlays/shadow/daemon-set.yaml").first)
    let pod = daemonSet["spec"]["template"]["spec"]
    #expect(pod["initContainers"].list.isEmpty, "nothing sets sysctls")
    let volumes = pod["volumes"].list
    #expect(!volumes.contains { $0["hostPath"]["path"].string != nil })
    #expect(
      volumes.compactMap { $0["configMap"]["name"].string } == ["kube-proxy"], "the configuration is kube-proxy's")
    let container = try #require(pod["containers"].list.first)
    #expect(pod["containers"].list.count == 1)
    #expect(container["args"].strings.contains("--shadow"))
    let security = container["securityContext"]
    #expect(security["privileged"].bool == nil && security["readOnlyRootFilesystem"].bool == true)
    #expect(security["capabilities"]["drop"].strings == ["ALL"])
    // Its selector must not match the proxy's pods, and the proxy's selectors must not match its pods.
    let labels = daemonSet["spec"]["selector"]["matchLabels"].map
    #expect(labels == ["k8s-app": "swift-kube-proxy-shadow"])
    #expect(daemonSet["spec"]["template"]["metadata"]["labels"].map == labels)
  }

  @Test
  func `kind's configurations and the lab have the same networks`() throws {
    let dual = try #require(try Manifests.objects("kind-dual-stack.yaml").first)["networking"]
    let families: [IPFamily] = [.ipv4, .ipv6]
    #expect(dual["podSubnet"].string == families.map { "\(Layout.podNetwork($0))" }.joined(separator: ","))
    #expect(dual["serviceSubnet"].string == families.map { "\(Layout.serviceNetwork($0))" }.joined(separator: ","))
    #expect(dual["kubeProxyMode"].string == "none")
    let single = try #require(try Manifests.objects("kind.yaml").first)["networking"]
    #expect(single["podSubnet"].string == "\(Layout.podNetwork(.ipv4))")
    #expect(single["serviceSubnet"].string == "\(Layout.serviceNetwork(.ipv4))")
  }

  @Test(arguments: ["examples", "demo", "study"])
  func `examples, demo and study cluster are read without a warning`(_ name: String) throws {
    let contents = try ManifestLoader().load(Manifests.folder.appending(path: name).path)
    #expect(contents.failures == [])
    #expect(contents.warnings == [])
    #expect(contents.services.count >= 2)
    let nodes = Set(contents.nodes.map(\.name))
    for slice in contents.slices {
      #expect(contents.services.contains { $0.name == slice.service }, "\(slice.name)")
      for endpoint in slice.endpoints { #expect(endpoint.nodeName.map(nodes.contains) != false, "\(endpoint)") }
    }
  }

  private static let kubectl = ["/usr/bin/kubectl", "/usr/local/bin/kubectl"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(.enabled(if: kubectl != nil, "needs kubectl"))
  func `the single file is what kustomize makes of the overlay`() async throws {
    let kubectl = try #require(ManifestTests.kubectl)
    let made = try await Command([kubectl, "kustomize", Manifests.folder.appending(path: "overlays/kind").path]).run()
    let file = try Manifests.text("swift-kube-proxy.yaml").split(separator: "\n").dropFirst()
    #expect(made.split(separator: "\n").elementsEqual(file))
  }

  @Test(.enabled(if: kubectl != nil, "needs kubectl"))
  func `the overlay for edge nodes keeps the state on the host`() async throws {
    let kubectl = try #require(ManifestTests.kubectl)
    let made = try await Command([kubectl, "kustomize", Manifests.folder.appending(path: "overlays/edge").path]).run()
    try ManifestTests.checkEdge(try Manifests.objects(yaml: made))
  }

  @Test
  func `the patches for edge nodes are what the DaemonSet takes`() throws {
    let overlay = try #require(try Manifests.objects("overlays/edge/kustomization.yaml").first)
    let patch = try #require(overlay["patches"].list.first?["patch"].string)
    let operations = try #require(Manifests.values(yaml: patch).first as? [Any]).map(Part.init)
    var daemonSet = try #require(try Manifests.objects("base/daemon-set.yaml").first)
    for operation in operations {
      #expect(operation["op"].string == "add")
      let path = try #require(operation["path"].string)
      #expect(path.hasSuffix("/-"))
      let steps = path.split(separator: "/").dropLast().map(String.init)
      daemonSet = Part(try #require(daemonSet.appending(operation["value"].value, at: steps[...])))
    }
    try ManifestTests.checkEdge([daemonSet])
  }

  private static func checkEdge(_ objects: [Part]) throws {
    let daemonSet = try #require(objects.first { $0["kind"].string == "DaemonSet" })
    #expect(Schema.kinds["apps/v1/DaemonSet"]?.problems(daemonSet.value, at: "") == [])
    let pod = daemonSet["spec"]["template"]["spec"]
    let proxy = try #require(pod["containers"].list.first)
    let flag = try #require(proxy["args"].strings.first { $0.hasPrefix("--state-file=") })
    let mount = try #require(
      proxy["volumeMounts"].list.first { flag.hasPrefix("--state-file=\($0["mountPath"].string ?? "?")/") })
    #expect(mount["readOnly"].bool != true)
    let volume = try #require(pod["volumes"].list.first { $0["name"].string == mount["name"].string })
    #expect(volume["hostPath"]["type"].string == "DirectoryOrCreate")
    let initContainer = try #require(pod["initContainers"].list.first)
    #expect(!initContainer["args"].strings.contains { $0.hasPrefix("--state") })
  }

  @Test(.enabled(if: kubectl != nil, "needs kubectl"))
  func `the overlay for kubeadm takes kubeadm's own ConfigMap`() async throws {
    let kubectl = try #require(ManifestTests.kubectl)
    let made = try await Command([kubectl, "kustomize", Manifests.folder.appending(path: "overlays/kubeadm").path])
      .run()
    let objects = try Manifests.objects(yaml: made)
    let daemonSet = try #require(objects.first { $0["kind"].string == "DaemonSet" })
    let volumes = daemonSet["spec"]["template"]["spec"]["volumes"].list
    #expect(volumes.compactMap { $0["configMap"]["name"].string } == ["kube-proxy"])
    #expect(!objects.contains { $0["kind"].string == "ConfigMap" })
  }

  @Test(.enabled(if: kubectl != nil, "needs kubectl"))
  func `the overlay for one node after the other asks for the label`() async throws {
    let kubectl = try #require(ManifestTests.kubectl)
    let folder = Manifests.folder.appending(path: "overlays/kubeadm-by-node").path
    let objects = try Manifests.objects(yaml: try await Command([kubectl, "kustomize", folder]).run())
    let daemonSet = try #require(objects.first { $0["kind"].string == "DaemonSet" })
    #expect(
      daemonSet["spec"]["template"]["spec"]["nodeSelector"].map
        == ["kubernetes.io/os": "linux", "swift-kube-proxy": "yes"])
  }

  @Test(.enabled(if: kubectl != nil, "needs kubectl"))
  func `monitoring is one kustomization`() async throws {
    let kubectl = try #require(ManifestTests.kubectl)
    let folder = Manifests.folder.appending(path: "monitoring").path
    let objects = try Manifests.objects(yaml: try await Command([kubectl, "kustomize", folder]).run())
    #expect(Set(objects.compactMap { $0["kind"].string }) == ["ConfigMap", "PodMonitor", "PrometheusRule"])
    let dashboard = try #require(objects.first { $0["kind"].string == "ConfigMap" })
    #expect(dashboard["metadata"]["labels"].map["grafana_dashboard"] == "1")
    #expect(dashboard["data"].map["swift-kube-proxy.json"] == (try Manifests.text("monitoring/dashboard.json")))
  }
}
