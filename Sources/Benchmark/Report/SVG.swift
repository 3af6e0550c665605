import Markup

/// The elements of a plot.
enum SVG {
  /// A drawing below its caption. On a narrow screen the drawing can be moved sideways, so that its text stays
  /// readable.
  static func figure(_ width: Double, _ height: Double, _ title: String, _ caption: String, _ content: HTML) -> HTML {
    """
    <figure>
    <figcaption><b>\(title)</b> \(caption)</figcaption>
    <div class="plot">
    <svg viewBox="0 0 \(width) \(height)" role="img">
    <title>\(title)</title>
    \(content)</svg>
    </div>
    </figure>

    """
  }

  static func text(_ x: Double, _ y: Double, _ text: String, _ attributes: HTML) -> HTML {
    "<text x=\"\(x)\" y=\"\(y)\" \(attributes)>\(text)</text>\n"
  }

  static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ attributes: HTML) -> HTML {
    "<line x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\" \(attributes)/>\n"
  }

  /// A dot that shows its value when the pointer is over it.
  static func dot(_ x: Double, _ y: Double, _ title: String, _ attributes: HTML) -> HTML {
    "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"4\" \(attributes)><title>\(title)</title></circle>\n"
  }
}
