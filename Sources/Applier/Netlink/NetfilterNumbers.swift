/// Numbers of linux/netfilter/nfnetlink.h and of other kernel headers. nfnetlink.h cannot be imported, because
/// libnetfilter_conntrack brings an older copy of it.
enum NetfilterNumbers {
  /// NFNL_SUBSYS_ACCT
  static let accountingSubsystem: UInt16 = 7
  /// NFNL_SUBSYS_NFTABLES
  static let tablesSubsystem: UInt16 = 10
  /// NFNLGRP_NFTABLES
  static let tablesGroup: UInt32 = 7
  /// NFTA_MATCH_NAME and NFTA_MATCH_INFO of linux/netfilter/nf_tables_compat.h
  static let matchName: UInt32 = 1
  static let matchInfo: UInt32 = 3
  /// NF_DROP and NF_ACCEPT of linux/netfilter.h
  static let drop: Int32 = 0
  static let accept: Int32 = 1
  /// NFNL_SUBSYS_IPSET
  static let setsSubsystem: UInt16 = 6
  /// NFNL_MSG_BATCH_BEGIN
  static let batchBegin: UInt32 = 0x10
  /// NFNL_MSG_BATCH_END
  static let batchEnd: UInt32 = 0x11
}
