# syntax=docker/dockerfile:1
# The image of swift-kube-proxy: one binary and what it calls.
#
#   docker build -t swift-kube-proxy:dev .
#
# Any image with Swift 6.3 on Debian 12 can build it, so that a mirror or an own toolchain may be used:
#   docker build --build-arg BUILD_IMAGE=... .

ARG BUILD_IMAGE=swift:6.3-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      libiptc-dev libnetfilter-conntrack-dev libcurl4-openssl-dev libssl-dev libyaml-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.swift ./
RUN swift package resolve
COPY Sources Sources
# SwiftPM refuses a package whose test targets have no folder, although none of them is built here.
COPY Tests Tests
RUN swift build --configuration release --static-swift-stdlib --product swift-kube-proxy -Xlinker -s \
 && install -D -m 0755 "$(swift build --configuration release --show-bin-path)/swift-kube-proxy" \
      /out/usr/local/bin/swift-kube-proxy \
 && ln -s swift-kube-proxy /out/usr/local/bin/kube-proxy

FROM ${RUNTIME_IMAGE}
# iptables brings both backends; the program finds out which one the host uses and calls it by its full name.
# scripts/image-check reads this list and proves that it is enough.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      iptables libip4tc2 libip6tc2 libnetfilter-conntrack3 libcurl4 libssl3 libyaml-0-2 ca-certificates \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/*
# kube-proxy is there as a name too, so that the image can be swapped into a DaemonSet that kubeadm made.
COPY --from=build /out/ /
COPY LICENSE /usr/share/doc/swift-kube-proxy/LICENSE
LABEL org.opencontainers.image.title="swift-kube-proxy" \
      org.opencontainers.image.description="kube-proxy's iptables mode, in Swift" \
      org.opencontainers.image.licenses="Apache-2.0"
# Health, metrics.
EXPOSE 10256 10249
ENTRYPOINT ["/usr/local/bin/swift-kube-proxy"]
