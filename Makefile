# All commands for developers and CI jobs. `make` alone lists the targets.
#
# The Swift toolchain must already be installed. `make setup` installs everything else from Debian.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup toolchain build demo test fuzz lab bench soak format lint manifests image image-check clean

# Only the kernel's tables and network namespaces need root.
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
RELEASE := --configuration release --static-swift-stdlib
BIN := .build/release
SOURCES := Sources Tests Package.swift
# The time that `make bench` may take.
BUDGET := 5m
# The number of changes that `make soak` makes.
CHANGES := 20000
# The time that `make fuzz` spends on each reader, in seconds, or instead the number of inputs, and the readers; all of
# them if READER is empty.
SECONDS := 60
RUNS :=
READER :=
# The image that `make image` builds, the program that builds it, and further arguments, such as --build-arg
# BUILD_IMAGE=...
IMAGE := swift-kube-proxy:dev
ENGINE := $(notdir $(firstword $(shell command -v docker podman nerdctl)))
IMAGE_ARGUMENTS :=

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: toolchain ## install what is missing of the Debian packages that building and testing need
	@scripts/setup

toolchain:
	@command -v swift > /dev/null || { echo 'swift 6.3 is needed: https://www.swift.org/install/linux/' >&2; exit 1; }

build: setup ## the release binary, .build/release/swift-kube-proxy
	swift build $(RELEASE) --product swift-kube-proxy
	scripts/check-dependencies

demo: build ## a small cluster in network namespaces, its Services at work, and nothing left behind
	swift build $(RELEASE) --product kube-lab
	$(SUDO) $(BIN)/kube-lab demo --proxy $(BIN)/swift-kube-proxy --manifests manifests/demo

lab: build ## the study cluster: one control plane, three workers; a shell in it until you leave
	swift build $(RELEASE) --product kube-lab
	$(SUDO) $(BIN)/kube-lab study --proxy $(BIN)/swift-kube-proxy

test: setup lint ## build without warnings, check the format and the dependencies, run all tests
	swift build --build-tests
	scripts/check-dependencies
	scripts/run-tests

fuzz: setup ## look for inputs that the readers of outside bytes get wrong, a minute each (SECONDS=… RUNS=… READER=…)
	scripts/fuzz $(if $(RUNS),runs=$(RUNS),$(SECONDS)) $(READER)

bench: build ## the standard benchmark table, as much of it as five minutes allow (BUDGET=…)
	$(SUDO) $(BIN)/swift-kube-proxy bench --budget $(BUDGET)

soak: build ## 20,000 changes (CHANGES=…) with a shadow beside the proxy: memory, false reports; under half an hour
	swift build $(RELEASE) --product kube-lab
	$(SUDO) $(BIN)/kube-lab soak --proxy $(BIN)/swift-kube-proxy --changes $(CHANGES)

format: toolchain ## rewrite the sources in the one format
	swift format --in-place --recursive $(SOURCES)

lint: toolchain ## check the format, and what all tests have in common
	swift format lint --strict --recursive $(SOURCES)
	scripts/check-tests

manifests: ## write the manifests that are made from others again (needs kubectl)
	mkdir -p .build
	{ echo '# For a kind cluster of manifests/kind.yaml. Made by `make manifests` from overlays/kind: change that instead.'; \
	  kubectl kustomize manifests/overlays/kind; } > .build/swift-kube-proxy.yaml
	mv .build/swift-kube-proxy.yaml manifests/swift-kube-proxy.yaml
	{ printf '%s\n' '# For the Prometheus operator. Made by `make manifests` from alerts.yaml: change that instead.' \
	    'apiVersion: monitoring.coreos.com/v1' 'kind: PrometheusRule' \
	    'metadata: {name: swift-kube-proxy, namespace: kube-system, labels: {k8s-app: swift-kube-proxy}}' 'spec:'; \
	  sed -n '/^groups:/,$$ s/^\(.\)/  \1/p' manifests/monitoring/alerts.yaml; } > manifests/monitoring/prometheus-rule.yaml

image: ## build the image swift-kube-proxy:dev (IMAGE=...) with docker, podman or nerdctl (ENGINE=...)
	@[[ -n '$(ENGINE)' ]] || { echo 'docker, podman or nerdctl is needed to build an image' >&2; exit 1; }
	$(ENGINE) build $(IMAGE_ARGUMENTS) --tag $(IMAGE) .
	@$(ENGINE) image ls $(IMAGE)

image-check: build ## prove that the root of the image is enough, without Docker
	$(SUDO) scripts/image-check $(BIN)/swift-kube-proxy

clean: ## remove what was built
	rm -rf .build .build-fuzz
