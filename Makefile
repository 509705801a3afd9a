# The entry points of the house. A machine with Debian 12 or later, a Rust toolchain, gcc and make can run each of them.
#
#   make demo       builds, makes the images, runs docs/demo/run
#   make test       builds, makes the images, runs every test
#   make lint       formatting and clippy, warnings are errors
#   make nightly    what takes long: sanitizers, many seeds
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

.PHONY: help demo test lint nightly sanitized memcheck seeds bench images install clean programs tools nextest ruby valgrind

help:
	@sed -n '3,11s/^#   //p' Makefile

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

# The checker of memory that sees what compilers of other languages made as well.
valgrind: tools
	@command -v valgrind >/dev/null || { \
	  sudo=; [[ $$(id -u) == 0 ]] || sudo="sudo -n"; \
	  { $$sudo apt-get install -y valgrind || { $$sudo apt-get update && $$sudo apt-get install -y valgrind; }; } >&2; }

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

# What takes longer than a change can wait for: the address sanitizer, valgrind, many seeds.
nightly: sanitized memcheck seeds

# The object memory and the machine under the address sanitizer, which the stable compiler has behind RUSTC_BOOTSTRAP; then Ruby programs through
# the interpreter, with clean objects dropped again and again. Object memory goes back with the process, so leaks are not looked for.
# A target folder of its own: these builds share nothing with others. ASan's frames are larger than ours.
HOST = $(shell rustc -vV | sed -n 's/^host: //p')
SANITIZED := $(TARGET)/sanitized
ASAN_BUILD := RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address --cfg maglev_asan"
ASAN_RUN := RUST_MIN_STACK=67108864 ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=1
sanitized: images
	$(ASAN_BUILD) $(ASAN_RUN) $(CARGO) test --target $(HOST) --target-dir $(SANITIZED) -p gem-heap -p gem-vm --lib --tests
	$(ASAN_BUILD) $(CARGO) build --target $(HOST) --target-dir $(SANITIZED) -p gem-server --bins
	$(ASAN_RUN) $(SANITIZED)/$(HOST)/debug/gem ruby ruby-src/tests/run.rb
	$(ASAN_RUN) MAGLEV_GC_STRESS=stub:997 $(SANITIZED)/$(HOST)/debug/gem ruby ruby-src/tests/run.rb

# The programs as everybody runs them, with every read and write looked at, and whether what decides was ever written: 30 times slower.
MEMCHECK := valgrind --quiet --error-exitcode=99
memcheck: valgrind images
	$(MEMCHECK) $(BIN)/gem ruby -e 'puts Process.clock_gettime(Process::CLOCK_MONOTONIC) > 0, [3, 1, 2].sort.inspect'
	$(MEMCHECK) $(BIN)/gem ruby -e 'def f = f; begin; f; rescue SystemStackError => e; puts e.message; end'
	$(MEMCHECK) $(BIN)/gem ruby ruby-src/tests/run.rb
	MAGLEV_GC_STRESS=stub:997 $(MEMCHECK) $(BIN)/gem ruby ruby-src/tests/run.rb

# Random tests print the seed that failed; SEED=n runs it alone.
SEEDS ?= 2000
seeds: export SEEDS := $(SEEDS)
seeds: tools
	$(CARGO) test -p simulation --test seeds
	$(CARGO) test -p gem-session never_torn

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
