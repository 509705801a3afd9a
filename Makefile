# The entry points of the house. A machine with Debian 12 or later, a Rust toolchain, gcc and make can run each of them.
#
#   make demo       builds, makes the images, runs docs/demo/run
#   make test       builds, makes the images, runs every test
#   make lint       formatting and clippy, warnings are errors
#   make bench      benchmarks and figures, beside Debian's ruby3.1
#   make images     extent0.dbf and extent0.ruby.dbf in build/images
#   make install PREFIX=~/.local
#   make clean
#
# Figures need optimized programs, tests want checks: demo, bench and install use the release profile, test the dev profile.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PREFIX ?= $(HOME)/.local
CARGO ?= cargo
PROFILE ?= dev
TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
BIN = $(TARGET)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
IMAGES := $(CURDIR)/build/images
PROGRAMS := stone gem topaz image-builder
# In the dev profile all of the workspace, so that tests find what they link with already built.
PACKAGES = $(if $(filter dev,$(PROFILE)),--workspace,-p stone-server -p gem-server -p topaz -p image-builder)

export MAGLEV_IMAGES := $(IMAGES)

.PHONY: help demo test lint bench images install clean programs tools nextest ruby

help:
	@sed -n '3,9s/^#   //p' Makefile

# --- what the build needs

# Programs without which nothing builds, each named with the way to get it.
tools:
	@need() { command -v "$$1" >/dev/null || { echo "make: $$1 is missing: $$2" >&2; exit 1; }; }; \
	need $(CARGO) "install a Rust toolchain, see https://rustup.rs"; \
	need gcc "apt-get install gcc libc6-dev"

# The test runner; without it cargo's own serves. Building it takes minutes, once for a machine.
nextest: tools
	@$(CARGO) nextest --version >/dev/null 2>&1 || $(CARGO) install cargo-nextest --locked \
	  || echo "make: no cargo-nextest: cargo test runs the tests"

# The peer that benchmarks are measured beside. Nothing else needs it.
ruby: tools
	@command -v ruby3.1 >/dev/null || { \
	  sudo=; [[ $$(id -u) == 0 ]] || sudo="sudo -n"; \
	  { $$sudo apt-get install -y ruby3.1 || { $$sudo apt-get update && $$sudo apt-get install -y ruby3.1; }; } >&2 \
	  || echo "make: no ruby3.1: figures come without a peer" >&2; }

# --- programs and images

programs: tools
	$(CARGO) build --profile $(PROFILE) --bins $(PACKAGES)

# Made again when a source or the builder changed. The files appear complete or not at all: image-builder renames them.
images: programs
	@if [[ ! -f $(IMAGES)/extent0.ruby.dbf || $(BIN)/image-builder -nt $(IMAGES)/extent0.ruby.dbf \
	    || -n "$$(find smalltalk-src ruby-src/kernel -newer $(IMAGES)/extent0.ruby.dbf -print -quit)" ]]; then \
	  mkdir -p $(IMAGES); \
	  $(BIN)/image-builder --out $(IMAGES); \
	fi

# --- what one runs

demo: PROFILE := release
demo: images
	MAGLEV_BIN=$(BIN) docs/demo/run

test: nextest images
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
	  echo "+ cargo nextest run --workspace"; \
	  MAGLEV_BIN=$(BIN) $(CARGO) nextest run --workspace --no-fail-fast; \
	else \
	  echo "+ cargo test --workspace"; \
	  MAGLEV_BIN=$(BIN) $(CARGO) test --workspace --no-fail-fast --lib --bins --tests --examples; \
	fi
	$(CARGO) test --workspace --doc --quiet

lint: tools
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

bench: PROFILE := release
bench: ruby images
	$(CARGO) build --release -p bench --bins
	MAGLEV_BIN=$(BIN) $(BIN)/bench $(BENCH)

# Programs, images, the Ruby library files. bin/ holds links; everything else lies in lib/maglev.
install: PROFILE := release
install: images
	install -d $(PREFIX)/bin $(PREFIX)/lib/maglev/bin $(PREFIX)/lib/maglev/images
	for program in $(PROGRAMS); do \
	  install $(BIN)/$$program $(PREFIX)/lib/maglev/bin/$$program; \
	  ln -sf ../lib/maglev/bin/$$program $(PREFIX)/bin/$$program; \
	done
	install -m 644 $(IMAGES)/extent0.dbf $(IMAGES)/extent0.ruby.dbf $(PREFIX)/lib/maglev/images
	rm -rf $(PREFIX)/lib/maglev/ruby-src
	cp -R ruby-src $(PREFIX)/lib/maglev/ruby-src
	install bin/maglev-ruby $(PREFIX)/bin/maglev-ruby
	@echo "installed in $(PREFIX): put $(PREFIX)/bin into PATH and try: gem ruby -e 'puts RUBY_VERSION'"

clean:
	rm -rf build
	$(CARGO) clean
