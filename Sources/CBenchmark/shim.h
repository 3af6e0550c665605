#pragma once
/* Linux calls that glibc declares for _GNU_SOURCE only, without which Swift's Glibc module is built. */
extern int setns(int descriptor, int kind);
extern int unshare(int flags);

static const int SKP_CLONE_NEWNET = 0x40000000;
