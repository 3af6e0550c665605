import Markup
import ServiceModel
import Shadow
import Telemetry
import Time

/// The comparisons of the shadow mode, as the status page shows them.
struct ShadowList {
  let families: [ShadowStatus]
  let now: Moment

  /// Limits of the lists, so that a page stays small. The total number is always shown.
  static let shownInHTML = 50
  static let shownInJSON = 1000

  var html: HTML {
    "<h2>Comparison with the kernel</h2><p class=\"soft\">Shadow mode: nothing is written.</p>\(families.map(card))"
  }

  private func card(_ status: ShadowStatus) -> HTML {
    let pill: HTML =
      if status.failure != nil {
        "<span class=\"pill bad\">not compared</span>"
      } else if status.compared == nil {
        "<span class=\"pill warn\">not compared yet</span>"
      } else if status.differences > 0 {
        "<span class=\"pill bad\">\(Readable.count(status.differences, "difference", "differences"))</span>"
      } else {
        "<span class=\"pill ok\">equal</span>"
      }
    var lines: [HTML] = []
    if let failure = status.failure { lines.append("<p>The last comparison failed: \(failure)</p>") }
    if let compared = status.compared {
      let extent = status.isWhole ? "all rules" : "the chains that changed, and those of all Services"
      lines.append(
        "<p>Compared \(Readable.age(compared.duration(to: now))) ago: \(extent), in \(Readable.duration(status.took))</p>"
      )
    }
    lines += status.groups.prefix(ShadowList.shownInHTML).map { group in
      let kind: HTML = "<span class=\"pill \(group.kind.isDifference ? "bad" : "plain")\">\(group.kind.rawValue)</span>"
      return """
        <p>\(kind) \(group.service?.description ?? "no single Service"), \(Readable.count(group.findings.count)): \
        <span class="mono">\(group.findings.first?.place ?? "")</span></p>
        """
    }
    let rest = status.groups.count - ShadowList.shownInHTML
    if rest > 0 { lines.append("<p>\(Readable.count(rest)) more</p>") }
    if status.omitted > 0 {
      lines.append("<p>\(Readable.count(status.omitted)) more chains differ; too many to look into</p>")
    }
    return "<section class=\"card\"><h3>\(status.family.rawValue) \(pill)</h3>\(lines)</section>"
  }

  var json: JSONValue {
    .array(
      families.map { status in
        .object([
          .init("family", .string(status.family.rawValue)),
          .init("compared", status.compared.map { .string($0.wall.rfc3339) } ?? .null),
          .init("seconds", .number(status.took.inSeconds)), .init("whole", .bool(status.isWhole)),
          .init("differenceCount", .int(status.differences)), .init("omittedChains", .int(status.omitted)),
          .init("error", status.failure.map { .string($0) } ?? .null),
          .init("findings", .array(status.groups.prefix(ShadowList.shownInJSON).map(group))),
        ])
      })
  }

  private func group(_ group: ShadowMemory.Group) -> JSONValue {
    .object([
      .init("kind", .string(group.kind.rawValue)), .init("isDifference", .bool(group.kind.isDifference)),
      .init("service", group.service.map { .string($0.description) } ?? .null),
      .init("count", .int(group.findings.count)), .init("example", .string(group.findings.first?.place ?? "")),
    ])
  }
}
