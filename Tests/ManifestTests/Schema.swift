/// The shape of a part of an object: which fields it may have, and of what kind each is.
///
/// Written from the API reference of Kubernetes 1.36 (apps/v1, core/v1, rbac.authorization.k8s.io/v1), of kind's
/// `v1alpha4` and of the Prometheus operator's `v1`, with only the fields that these manifests use. If a manifest has
/// another field, it is either a mistake, or you have to add the field here.
indirect enum Schema: Sendable {
  case string, integer, boolean
  case oneOf([String])
  case list(Schema)
  /// An object with any keys, whose values all have one shape.
  case map(Schema)
  /// Fields by name. A field with `!` is required.
  case object([String: Schema])

  /// All mistakes in a value, each with its path.
  func problems(_ value: Any, at path: String) -> [String] {
    switch (self, value) {
    case (.string, is String), (.integer, is Int), (.boolean, is Bool): return []
    case (.oneOf(let choices), let text as String): return choices.contains(text) ? [] : ["\(path): \(text)"]
    case (.list(let element), let values as [Any]):
      return values.enumerated().flatMap { element.problems($1, at: "\(path)[\($0)]") }
    case (.map(let element), let values as [String: Any]):
      return values.flatMap { element.problems($1, at: "\(path).\($0)") }
    case (.object(let fields), let values as [String: Any]):
      let missing = fields.keys.filter { $0.hasSuffix("!") && values[String($0.dropLast())] == nil }
      return missing.map { "\(path).\($0.dropLast()) is missing" }
        + values.flatMap { key, value in
          guard let field = fields[key] ?? fields[key + "!"] else { return ["\(path).\(key) is not known"] }
          return field.problems(value, at: "\(path).\(key)")
        }
    default: return ["\(path): \(value) is no \(self)"]
    }
  }
}

extension Schema {
  private static let metadata: Schema = .object([
    "name!": .string, "namespace": .string, "labels": .map(.string), "annotations": .map(.string),
  ])

  private static func root(_ fields: [String: Schema]) -> Schema {
    .object(fields.merging(["apiVersion!": .string, "kind!": .string]) { old, _ in old })
  }

  private static let probe: Schema = .object([
    "httpGet": .object(["path!": .string, "port!": .string, "host": .string]), "initialDelaySeconds": .integer,
    "periodSeconds": .integer, "failureThreshold": .integer, "timeoutSeconds": .integer,
  ])

  private static let container: Schema = .object([
    "name!": .string, "image!": .string, "imagePullPolicy": .oneOf(["Always", "IfNotPresent", "Never"]),
    "command": .list(.string), "args": .list(.string),
    "env": .list(
      .object([
        "name!": .string, "value": .string,
        "valueFrom": .object(["fieldRef": .object(["fieldPath!": .string, "apiVersion": .string])]),
      ])),
    "ports": .list(
      .object(["name": .string, "containerPort!": .integer, "hostPort": .integer, "protocol": .string])),
    "securityContext": .object([
      "seccompProfile": .object(["type!": .oneOf(["RuntimeDefault", "Localhost", "Unconfined"])]),
      "privileged": .boolean, "readOnlyRootFilesystem": .boolean, "allowPrivilegeEscalation": .boolean,
      "capabilities": .object(["add": .list(.string), "drop": .list(.string)]),
    ]),
    "livenessProbe": probe, "readinessProbe": probe, "startupProbe": probe,
    "resources": .object(["requests": .map(.string), "limits": .map(.string)]),
    "volumeMounts": .list(.object(["name!": .string, "mountPath!": .string, "readOnly": .boolean])),
  ])

  private static let podSpec: Schema = .object([
    "serviceAccountName": .string, "priorityClassName": .string, "hostNetwork": .boolean, "nodeSelector": .map(.string),
    "tolerations": .list(
      .object(["operator": .oneOf(["Exists", "Equal"]), "key": .string, "effect": .string, "value": .string])),
    "initContainers": .list(container), "containers!": .list(container),
    "volumes": .list(
      .object([
        "name!": .string, "configMap": .object(["name!": .string]),
        "hostPath": .object(["path!": .string, "type": .oneOf(["FileOrCreate", "DirectoryOrCreate", "Directory"])]),
        "emptyDir": .object(["sizeLimit": .string, "medium": .string]),
      ])),
  ])

  private static let verbs: Schema = .list(.oneOf(["get", "list", "watch", "create", "patch", "update", "delete"]))

  /// By `apiVersion/kind`.
  static let kinds: [String: Schema] = [
    "v1/ServiceAccount": root(["metadata!": metadata]),
    "v1/ConfigMap": root(["metadata!": metadata, "data": .map(.string)]),
    "rbac.authorization.k8s.io/v1/ClusterRole": root([
      "metadata!": metadata,
      "rules!": .list(.object(["apiGroups!": .list(.string), "resources!": .list(.string), "verbs!": verbs])),
    ]),
    "rbac.authorization.k8s.io/v1/ClusterRoleBinding": root([
      "metadata!": metadata,
      "roleRef!": .object(["apiGroup!": .string, "kind!": .oneOf(["ClusterRole"]), "name!": .string]),
      "subjects!": .list(.object(["kind!": .oneOf(["ServiceAccount"]), "name!": .string, "namespace!": .string])),
    ]),
    "apps/v1/DaemonSet": root([
      "metadata!": metadata,
      "spec!": .object([
        "selector!": .object(["matchLabels!": .map(.string)]),
        "updateStrategy": .object([
          "type!": .oneOf(["RollingUpdate", "OnDelete"]), "rollingUpdate": .object(["maxUnavailable": .string]),
        ]),
        "template!": .object([
          "metadata!": .object(["labels!": .map(.string), "annotations": .map(.string)]), "spec!": podSpec,
        ]),
      ]),
    ]),
    "monitoring.coreos.com/v1/PodMonitor": root([
      "metadata!": metadata,
      "spec!": .object([
        "selector!": .object([
          "matchLabels": .map(.string),
          "matchExpressions": .list(
            .object([
              "key!": .string, "operator!": .oneOf(["In", "NotIn", "Exists", "DoesNotExist"]), "values": .list(.string),
            ])),
        ]),
        "podMetricsEndpoints!": .list(
          .object([
            "port": .string, "path": .string, "interval": .string,
            "relabelings": .list(
              .object([
                "action": .oneOf(["replace", "keep", "drop"]), "sourceLabels": .list(.string), "regex": .string,
                "targetLabel": .string, "replacement": .string,
              ])),
          ])),
      ]),
    ]),
    "monitoring.coreos.com/v1/PrometheusRule": root([
      "metadata!": metadata,
      "spec!": .object([
        "groups!": .list(
          .object([
            "name!": .string,
            "rules!": .list(
              .object([
                "alert!": .string, "expr!": .string, "for": .string, "labels": .map(.string),
                "annotations": .map(.string),
              ])),
          ]))
      ]),
    ]),
    "kind.x-k8s.io/v1alpha4/Cluster": root([
      "networking": .object([
        "podSubnet": .string, "serviceSubnet": .string, "ipFamily": .oneOf(["ipv4", "ipv6", "dual"]),
        "kubeProxyMode": .oneOf(["iptables", "ipvs", "nftables", "none"]),
      ]),
      "nodes": .list(.object(["role!": .oneOf(["control-plane", "worker"])])),
    ]),
  ]
}
