import Markup

/// Links to the other pages of a long table. Empty if there is only one page.
struct PageLinks {
  let page: Int
  let pages: Int
  /// Gives the link target of a page.
  let target: (Int) -> String

  var html: HTML {
    guard pages > 1 else { return "" }
    return """
      <nav>\(link(1, "« first", page > 1))\(link(page - 1, "‹ previous", page > 1))\
      <span>page \(Readable.count(page)) of \(Readable.count(pages))</span>\
      \(link(page + 1, "next ›", page < pages))\(link(pages, "last »", page < pages))</nav>
      """
  }

  private func link(_ number: Int, _ text: String, _ isPossible: Bool) -> HTML {
    isPossible ? "<a href=\"\(target(number))\">\(text)</a>" : "<span class=\"soft\">\(text)</span>"
  }
}
