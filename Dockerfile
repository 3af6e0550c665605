# The image of swift-kube-proxy: the program and what it calls and loads, and nothing else. It has no shell.
#
#   make image                                  # with docker, podman or nerdctl
#   docker build -t swift-kube-proxy:dev .      # the same by hand
#
# Any image with Swift 6.3 on Debian 12 can build it, so that a mirror or your own toolchain may be used:
#   docker build --build-arg BUILD_IMAGE=... .
#
# Nothing here depends on the processor: amd64 and arm64 are built alike, each on a machine (or an emulator) of its
# kind, for example with docker buildx build --platform linux/amd64,linux/arm64.

ARG BUILD_IMAGE=swift:6.3-bookworm

FROM ${BUILD_IMAGE} AS build
# The lists of apt stay: scripts/image-root downloads packages below.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      libiptc-dev libnetfilter-conntrack-dev libcurl4-openssl-dev libssl-dev libyaml-dev pkg-config
WORKDIR /src
COPY Package.swift ./
RUN swift package resolve
COPY Sources Sources
# SwiftPM refuses a package whose test targets have no folder, although none of them is built here.
COPY Tests Tests
RUN swift build --configuration release --static-swift-stdlib --product swift-kube-proxy
COPY scripts/image-root scripts/
COPY LICENSE ./
# The program is linked with its Swift packages, so their licences go with it.
RUN scripts/image-root "$(swift build --configuration release --show-bin-path)/swift-kube-proxy" /image \
 && licences=/image/usr/share/doc/swift-kube-proxy \
 && install -D -m 0644 LICENSE "$licences/LICENSE" \
 && for file in .build/checkouts/*/LICENSE* .build/checkouts/*/NOTICE*; do \
      if [ -f "$file" ]; then install -D -m 0644 "$file" "$licences/${file#.build/checkouts/}"; fi; \
    done

FROM scratch
COPY --from=build /image/ /
LABEL org.opencontainers.image.title="swift-kube-proxy" \
      org.opencontainers.image.description="kube-proxy's iptables mode, in Swift" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin
# Health, metrics.
EXPOSE 10256 10249
# kubeadm's DaemonSet starts the same program as /usr/local/bin/kube-proxy.
ENTRYPOINT ["/usr/local/bin/swift-kube-proxy"]
