# Dom0Kit. `make run` and `make test` do everything on a fresh machine with Swift.

PROFILE ?= debian-12
PREFIX ?= /usr/local
SWIFT ?= swift
# One configuration for the program and its tests, so that nothing is compiled twice. Dead stripping would remove the
# section through which the tests of a release build are found.
SWIFTFLAGS ?= -c release --disable-dead-strip
DOM0KIT = .build/release/dom0kit

FUZZ_SECONDS ?= 120

.PHONY: build run test bench fuzz lint format install clean setup

build: setup
	$(SWIFT) build $(SWIFTFLAGS)

run: build
	$(DOM0KIT) run $(PROFILE) $(RUNFLAGS)

test: setup
	$(SWIFT) build $(SWIFTFLAGS) --build-tests
	$(SWIFT) test $(SWIFTFLAGS) --skip-build

bench: build
	.ci/bench $(BENCH)

fuzz: setup
	.ci/fuzz $(FUZZ_SECONDS)

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift
	.ci/graph
	shellcheck -s sh Sources/Hypervisor/Guest/*.sh
	shellcheck $$(grep -l '^#!.*sh$$' .ci/*)

format:
	$(SWIFT) format --in-place --recursive Sources Tests Package.swift

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/dom0kit
	install -m 755 $(DOM0KIT) $(DESTDIR)$(PREFIX)/bin/dom0kit
	cp -R Profiles Patches $(DESTDIR)$(PREFIX)/share/dom0kit/

clean:
	rm -rf .build .dom0kit

setup:
	@[ "$(DOM0KIT_SETUP)" = skip ] || .ci/setup
