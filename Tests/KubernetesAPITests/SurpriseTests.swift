import Mutations
import ServiceModel
import Testing

@testable import Configuration
@testable import KubernetesAPI

/// Replaces each value of each object by an invalid one. The result is an object, or an error that names the object and
/// the field in characters that any terminal can show.
@Suite(.timeLimit(.minutes(5))) struct SurpriseTests {
  static let objects = [
    """
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop", "resourceVersion": "7",
     "labels": {"service.kubernetes.io/service-proxy-name": ""}, "annotations": {"a": "b"}},
     "spec": {"type": "LoadBalancer", "clusterIP": "10.200.1.16", "clusterIPs": ["10.200.1.16", "fd00::1"],
     "ipFamilies": ["IPv4", "IPv6"], "externalIPs": ["198.51.100.7"], "loadBalancerSourceRanges": ["10.0.0.0/8"],
     "ports": [{"name": "http", "protocol": "TCP", "port": 80, "nodePort": 30080}, {"name": "s", "port": 443}],
     "sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 10}},
     "internalTrafficPolicy": "Local", "externalTrafficPolicy": "Local", "healthCheckNodePort": 30000},
     "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1", "ipMode": "VIP"}]}}}
    """,
    """
    {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "web-1", "namespace": "shop",
     "labels": {"kubernetes.io/service-name": "web"},
     "annotations": {"endpoints.kubernetes.io/last-change-trigger-time": "2026-11-21T00:45:31.25Z"}},
     "addressType": "IPv4", "ports": [{"name": "http", "protocol": "TCP", "port": 8080}],
     "endpoints": [{"addresses": ["10.10.1.5"], "conditions": {"ready": true, "serving": null, "terminating": false},
     "nodeName": "worker", "zone": "a", "hints": {"forZones": [{"name": "a"}], "forNodes": [{"name": "worker"}]}}]}
    """,
    """
    {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "worker", "uid": "1-2", "deletionTimestamp": null,
     "labels": {"topology.kubernetes.io/zone": "a"}}, "spec": {"podCIDR": "10.10.1.0/24", "podCIDRs": ["10.10.1.0/24"],
     "taints": [{"key": "k", "effect": "NoSchedule"}]},
     "status": {"addresses": [{"type": "InternalIP", "address": "172.18.0.3"}]}}
    """,
    #"{"apiVersion": "networking.k8s.io/v1", "kind": "ServiceCIDR", "metadata": {"name": "k"}, "spec": {"cidrs": ["10.0.0.0/8"]}}"#,
  ]

  @Test(arguments: objects)
  func `objects of files and lists`(text: String) throws {
    let json = Array(text.utf8)
    _ = try decode(text)
    var decoder = ObjectDecoder()
    var named = 0
    JSONValues.replaced(json) { changed in
      do throws(ObjectFailure) {
        let warnings = try decoder.decode(changed, source: ObjectSource(name: "test.json")).warnings
        if !warnings.isEmpty { named += 1 }
        for warning in warnings { checkMessage(warning.description) }
      } catch {
        named += 1
        checkMessage(error.description)
      }
    }
    #expect(named > 100)
  }

  @Test(arguments: objects)
  func `events of a watch`(text: String) throws {
    let json = Array(#"{"type": "ADDED", "object": \#(text)}"#.utf8)
    var decoder = ObjectDecoder()
    JSONValues.replaced(json) { changed in
      do throws(DecodingFailure) {
        let event = try decoder.event(changed, source: ObjectSource(name: "/watch"))
        if case .rejected(_, let failure, _) = event { checkMessage(failure.description) }
      } catch {
        checkMessage(error.description)
      }
    }
  }

  @Test func `status and bookmark`() throws {
    let texts = [
      #"{"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "m", "details": {"retryAfterSeconds": 1}}}"#,
      #"{"type": "BOOKMARK", "object": {"kind": "Service", "metadata": {"resourceVersion": "9", "annotations": {"k8s.io/initial-events-end": "true"}}}}"#,
    ]
    var decoder = ObjectDecoder()
    for text in texts {
      JSONValues.replaced(Array(text.utf8)) { changed in
        do throws(DecodingFailure) {
          if case .error(let status) = try decoder.event(changed, source: ObjectSource(name: "/watch")) {
            checkMessage(status.description)
          }
        } catch {
          checkMessage(error.description)
        }
      }
    }
  }

  @Test func `configuration`() throws {
    let text = """
      {"apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration", "bindAddress": "0.0.0.0",
       "healthzBindAddress": "0.0.0.0:10256", "featureGates": {"A": true}, "oomScoreAdj": -999, "clusterCIDR": "10.0.0.0/8",
       "clientConnection": {"kubeconfig": "/k", "qps": 5, "burst": 10}, "hostnameOverride": "n", "configSyncPeriod": "15m",
       "iptables": {"masqueradeBit": 14, "masqueradeAll": false, "syncPeriod": "30s", "minSyncPeriod": "1s"},
       "conntrack": {"maxPerCore": 32768, "min": 131072, "tcpEstablishedTimeout": "24h", "udpTimeout": "1s"},
       "detectLocalMode": "BridgeInterface", "detectLocal": {"bridgeInterface": "cni0"}, "nodePortAddresses": ["primary"],
       "logging": {"format": "text", "flushFrequency": "5s", "verbosity": 1, "vmodule": [{"filePattern": "a", "verbosity": 1}],
       "options": {"json": {"splitStream": true, "infoBufferSize": "0"}}}, "showHiddenMetricsForVersion": "1.35"}
      """
    var refused = 0
    JSONValues.replaced(Array(text.utf8)) { changed in
      do throws(ConfigurationErrors) {
        let file = try ConfigurationFile(changed, name: "config.yaml")
        for warning in file.warnings { checkMessage(warning) }
        var configuration = file.configuration
        configuration.applyDefaults()
        _ = try configuration.checked(in: ConfigurationContext(hostname: "n"))
      } catch {
        refused += 1
        for error in error.errors { checkMessage(error.description) }
      }
    }
    #expect(refused > 100)
  }

  @Test func `kubeconfig`() throws {
    let text = """
      {"apiVersion": "v1", "kind": "Config", "current-context": "c", "clusters": [{"name": "k", "cluster":
       {"server": "https://a:6443", "certificate-authority-data": "YQ==", "tls-server-name": "b", "proxy-url": "http://p"}}],
       "users": [{"name": "u", "user": {"client-certificate": "c.pem", "client-key-data": "YQ==", "exec":
       {"apiVersion": "client.authentication.k8s.io/v1", "command": "x", "args": ["a"], "env": [{"name": "N", "value": "v"}]}}}],
       "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}]}
      """
    _ = try KubeconfigReader(path: "/k").read(Array(text.utf8))
    var refused = 0
    JSONValues.replaced(Array(text.utf8)) { changed in
      do throws(KubeconfigError) {
        _ = try KubeconfigReader(path: "/k").read(changed)
      } catch {
        refused += 1
        checkMessage(error.description)
      }
    }
    #expect(refused > 100)
  }

  private func checkMessage(_ message: String) {
    #expect(!message.isEmpty && message.utf8.count < 2000, "\(message.prefix(300))")
    #expect(message.utf8.allSatisfy { (0x20...0x7e).contains($0) || $0 >= 0x80 }, "\(message.debugDescription)")
  }
}
