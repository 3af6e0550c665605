#pragma once
/* Linux calls that glibc declares only with _GNU_SOURCE, and kernel headers that Swift's Glibc module leaves out. */
#include <linux/filter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink_acct.h>
#include <linux/netlink.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

extern int accept4(int listener, struct sockaddr *peer, socklen_t *length, int flags);
extern int memfd_create(const char *name, unsigned int flags);
extern int pipe2(int ends[2], int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);
/* This header must not include <spawn.h>: its types would then belong to this module and to Glibc. */
extern int skp_add_close_from(void *actions, int from) __asm__("posix_spawn_file_actions_addclosefrom_np");

/* Numbers of <linux/memfd.h>, <fcntl.h> and <poll.h>. */
static const unsigned int SKP_MFD_CLOEXEC_SEALABLE = 0x0001u | 0x0002u;
static const unsigned int SKP_MFD_NOEXEC_SEAL = 0x0008u;
static const int SKP_F_ADD_SEALS = 1033;
static const int SKP_F_SEAL_GROW = 0x0004;
static const short SKP_POLLRDHUP = 0x2000;
