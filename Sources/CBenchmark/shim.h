#pragma once
#include <linux/perf_event.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux calls that glibc declares only with _GNU_SOURCE. Swift's Glibc module is built without it. */
extern int setns(int descriptor, int kind);
extern int unshare(int flags);
extern long syscall(long number, ...);

static const int SKP_CLONE_NEWNET = 0x40000000;
static const int SKP_CLONE_NEWNS = 0x00020000;

/* Opens a counter of a tracepoint for the calling thread and for all threads and processes that it starts. The C
   library has no function for perf_event_open(2). Swift cannot call syscall(2), because that is variadic. */
static inline int skp_count_tracepoint(unsigned long long number) {
  struct perf_event_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.config = number;
  attributes.inherit = 1;
  return (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* Mounts tracefs so that only the calling thread's mount namespace has the mount. */
static inline int skp_mount_private_tracefs(const char *folder) {
  if (mount("none", "/", 0, MS_REC | MS_PRIVATE, 0) != 0) return -1;
  return mount("tracefs", folder, "tracefs", 0, 0);
}
