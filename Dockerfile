# The image of swift-kube-proxy. It contains only the program, and the programs and libraries that it uses. It has no
# shell.
#
#   make image                                  # with docker, podman or nerdctl
#   docker build -t swift-kube-proxy:dev .      # without make
#
# Any image with Swift 6.3 on Debian 12 can build it, for example a mirror or your own toolchain:
#   docker build --build-arg BUILD_IMAGE=... .
#
# Nothing here depends on the processor. amd64 and arm64 images are built in the same way, each on its own kind of
# machine or on an emulator, for example with docker buildx build --platform linux/amd64,linux/arm64.

ARG BUILD_IMAGE=swift:6.3-bookworm

FROM ${BUILD_IMAGE} AS build
# The package lists of apt are kept, because scripts/image-root downloads packages below.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      libiptc-dev libnetfilter-conntrack-dev libcurl4-openssl-dev libssl-dev libyaml-dev pkg-config
WORKDIR /src
COPY Package.swift ./
COPY scripts/check-dependencies scripts/
RUN swift package resolve && scripts/check-dependencies
COPY Sources Sources
# SwiftPM rejects a package if the directory of a test target is missing, although no test is built here.
COPY Tests Tests
RUN swift build --configuration release --static-swift-stdlib --product swift-kube-proxy
COPY scripts/image-root scripts/
COPY LICENSE ./
# The program contains its Swift packages, so the image contains their licences.
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
# The ports for health checks and metrics.
EXPOSE 10256 10249
# kubeadm's DaemonSet starts the program as /usr/local/bin/kube-proxy.
ENTRYPOINT ["/usr/local/bin/swift-kube-proxy"]
