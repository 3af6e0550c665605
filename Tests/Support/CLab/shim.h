#pragma once
// Swift's Glibc module leaves it out.
#include <sys/epoll.h>

// Declared again because glibc shows them only to _GNU_SOURCE, which Swift's Glibc module is built without.
struct sockaddr;
int setns(int fd, int nstype);
int pipe2(int fds[2], int flags);
int accept4(int fd, struct sockaddr *address, unsigned int *length, int flags);

