#pragma once
/* libnfnetlink has an older copy of this header with the same include guard. The kernel's header comes first, so that
   its enums are used: two modules must not define the same enum differently. */
#include <linux/netfilter/nfnetlink.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
