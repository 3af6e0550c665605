/// Numbers of linux/netfilter/nfnetlink.h, which cannot be imported: libnetfilter_conntrack brings an older copy.
enum NetfilterNumbers {
  /// NFNL_SUBSYS_ACCT
  static let accountingSubsystem: UInt16 = 7
  /// NFNL_SUBSYS_NFTABLES
  static let tablesSubsystem: UInt16 = 10
  /// NFNLGRP_NFTABLES
  static let tablesGroup: UInt32 = 7
}
