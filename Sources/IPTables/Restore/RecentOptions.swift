/// Options of `-m recent`. iptables-save also prints options that have their default value.
struct RecentOptions: Equatable {
  var set = false
  var rcheck = false
  var reap = false
  var seconds: Int?
  var name: ChainName?
}

extension RecentOptions {
  /// nil if there is any other option than those above.
  init?(_ words: [String]) {
    self.init()
    var index = 0
    func value() -> String? { index + 1 < words.count ? words[index + 1] : nil }
    while index < words.count {
      switch words[index] {
      case "--set": set = true
      case "--rcheck": rcheck = true
      case "--reap": reap = true
      case "--rsource": break
      case "--seconds":
        guard let number = value().flatMap({ Int($0) }), number > 0 else { return nil }
        seconds = number
        index += 1
      case "--name":
        guard let text = value(), RestoreWords.isPlain(text.utf8) else { return nil }
        name = ChainName(text)
        index += 1
      case "--mask":
        guard let mask = value(), RecentOptions.fullMasks.contains(mask) else { return nil }
        index += 1
      default: return nil
      }
      index += 1
    }
  }

  private static let fullMasks = ["255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]
}
