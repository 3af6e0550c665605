#pragma once
/* Before libnfnetlink's older copy of the same header, whose guard is the same: two modules must not differ in an enum. */
#include <linux/netfilter/nfnetlink.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
