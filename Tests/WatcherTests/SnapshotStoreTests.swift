import ServiceModel
import Testing
import Time

@testable import Watcher

@Suite(.timeLimit(.minutes(5))) struct SnapshotStoreTests {
  private let web = NamespacedName(namespace: "default", name: "web")!
  private let dns = NamespacedName(namespace: "kube-system", name: "dns")!
  private let time = WallTime(secondsSince1970: 12.5)

  private func service(_ name: NamespacedName, _ address: String) -> Service {
    Service(name: name, clusterIPs: [IPAddress(address)!], ports: [])
  }

  private func slice(_ name: String, of service: NamespacedName, _ address: String, time: WallTime? = nil)
    -> EndpointSlice
  {
    EndpointSlice(
      name: NamespacedName(namespace: service.namespace, name: name)!, service: service, family: .ipv4, ports: [],
      endpoints: [Endpoint(address: IPAddress(address)!)], lastChangeTriggerTime: time)
  }

  @Test func `the snapshot is complete once Services, slices and Nodes are listed, in any order`() {
    var store = SnapshotStore()
    #expect(!store.isComplete)
    _ = store.apply([.replaceNodes([]), .setService(service(web, "10.0.0.1"))])
    #expect(!store.isComplete)
    _ = store.apply([.replaceSlices([]), .replaceServices([])])
    #expect(store.isComplete)
  }

  @Test func `a new list removes what it lacks, and only that is a change`() {
    var store = SnapshotStore()
    _ = store.apply([.replaceServices([service(web, "10.0.0.1"), service(dns, "10.0.0.2")])])
    let change = store.apply([.replaceServices([service(web, "10.0.0.1")])])
    #expect(change.families[.ipv4]?.services == [dns])
    #expect(change.serviceChanges == 1)
    #expect(store.snapshot.services.keys.sorted() == [web])
  }

  @Test func `the same objects again are no change`() {
    var store = SnapshotStore()
    let events: [ClusterEvent] = [.setService(service(web, "10.0.0.1")), .setSlice(slice("a", of: web, "10.1.0.1"))]
    #expect(store.apply(events).families[.ipv4]?.services == [web])
    #expect(store.apply(events).isEmpty)
  }

  @Test func `a slice that moves to another Service changes both Services`() {
    var store = SnapshotStore()
    let other = NamespacedName(namespace: "default", name: "other")!
    _ = store.apply([.setSlice(slice("a", of: web, "10.1.0.1"))])
    let change = store.apply([.setSlice(slice("a", of: other, "10.1.0.1", time: time))])
    #expect(change.families[.ipv4]?.services == [web, other])
    #expect(change.families[.ipv4]?.triggerTimes == [time])
    #expect(change.families[.ipv4]?.sliceChanges == 1)
    #expect(store.snapshot.slices(of: web, family: .ipv4).isEmpty)
    let gone = store.apply([.removeSlice(NamespacedName(namespace: "default", name: "a")!)])
    #expect(gone.families[.ipv4]?.services == [other])
  }

  @Test func `a slice or a Service of one family changes only that family`() {
    var store = SnapshotStore()
    var v6 = slice("six", of: web, "fd00::1")
    v6.family = .ipv6
    let changes = [
      store.apply([.setSlice(slice("a", of: web, "10.1.0.1"))]), store.apply([.setService(service(dns, "10.0.0.2"))]),
      store.apply([.removeSlice(NamespacedName(namespace: "default", name: "a")!)]), store.apply([.removeService(dns)]),
    ]
    for change in changes {
      #expect(change.concerns(.ipv4) && !change.concerns(.ipv6))
    }
    #expect(Set(store.apply([.setSlice(v6)]).families.keys) == [.ipv6])
    // If a Service changes its family, one family loses it and the other one gets it.
    _ = store.apply([.setService(service(web, "10.0.0.1"))])
    #expect(Set(store.apply([.setService(service(web, "fd00::9"))]).families.keys) == [.ipv4, .ipv6])
    #expect(store.apply([.replaceNodes([Node(name: "n", uid: "")])]).concerns(.ipv6))
  }

  @Test func `if the service subnets come from the cluster, the snapshot is complete once they are listed`() {
    var store = SnapshotStore(awaitsServiceCIDRs: true)
    _ = store.apply([.replaceNodes([]), .replaceServices([]), .replaceSlices([])])
    #expect(!store.isComplete)
    let change = store.apply([.replaceServiceCIDRs([CIDR("10.96.0.0/12")!])])
    #expect(store.isComplete)
    #expect(change.concerns(.ipv4) && change.concerns(.ipv6))
  }

  // MARK: a restored state

  /// Service web with one endpoint, on a Node.
  private var saved: ClusterSnapshot {
    var saved = ClusterSnapshot()
    saved.set(service(web, "10.0.0.1"))
    saved.set(slice("a", of: web, "10.1.0.1"))
    saved.set(Node(name: "node", zone: "a"))
    return saved
  }

  @Test func `a restored state is used until everything is listed, and then all differences are one change`() {
    var store = SnapshotStore()
    _ = store.apply([.replaceServices([service(dns, "10.0.0.2")])])
    let begin = store.apply([.restore(saved)])
    #expect(begin.standIn == .began)
    #expect(begin.families[.ipv4]?.services == [web, dns])
    #expect(begin.nodes)
    #expect(store.hasStandIn && !store.isComplete)
    #expect(store.snapshot == saved)

    let meanwhile = store.apply([
      .replaceSlices([slice("a", of: web, "10.1.0.1"), slice("b", of: dns, "10.1.0.2", time: time)]),
      .setService(service(web, "10.0.0.1")),
    ])
    #expect(meanwhile == SnapshotChange())
    #expect(store.snapshot == saved)

    let end = store.apply([.replaceNodes([Node(name: "node", zone: "a")])])
    #expect(end.standIn == .ended)
    #expect(end.families[.ipv4]?.services == [dns], "web is as it was")
    #expect((end.serviceChanges, end.sliceChanges) == (1, 1))
    #expect(end.families[.ipv4]?.triggerTimes == [time])
    #expect(!end.nodes)
    #expect(store.isComplete && !store.hasStandIn)
    #expect(store.snapshot.services.keys.sorted() == [web, dns])
    #expect(store.apply([.removeService(web)]).families[.ipv4]?.services == [web])
  }

  @Test func `restored objects that the cluster lacks are removed once everything is listed`() {
    var store = SnapshotStore()
    _ = store.apply([.restore(saved)])
    let end = store.apply([.replaceServices([]), .replaceSlices([]), .replaceNodes([])])
    #expect(end.families[.ipv4]?.services == [web])
    #expect(end.nodes)
    #expect((end.serviceChanges, end.sliceChanges) == (1, 1))
    #expect(store.snapshot == ClusterSnapshot())
  }

  @Test func `a restored state that comes too late, or a second one, changes nothing`() {
    var store = SnapshotStore()
    _ = store.apply([.replaceServices([]), .replaceSlices([]), .replaceNodes([])])
    #expect(store.apply([.restore(saved)]) == SnapshotChange())
    #expect(store.snapshot == ClusterSnapshot())
    var early = SnapshotStore()
    _ = early.apply([.restore(saved)])
    #expect(early.apply([.restore(ClusterSnapshot())]) == SnapshotChange())
    #expect(early.snapshot == saved)
  }
}
