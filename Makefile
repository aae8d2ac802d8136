# Dom0Kit. `make run` and `make test` do everything on a fresh machine with Swift.

PROFILE ?= debian-12
PREFIX ?= /usr/local
SWIFT ?= swift
# One configuration for the program and its tests, so that nothing is compiled twice. Dead stripping would remove the
# section through which the tests of a release build are found.
SWIFTFLAGS ?= -c release --disable-dead-strip
DOM0KIT = .build/release/dom0kit
INSTALLED = .build-install
INSTALLFLAGS ?= -c release --static-swift-stdlib --scratch-path $(INSTALLED)

FUZZ_SECONDS ?= 120
# What --version tells: 40 digits, and a + where files differ from that commit.
export DOM0KIT_COMMIT ?= $(shell git describe --always --abbrev=40 --dirty=+ --exclude='*' 2>/dev/null)

.PHONY: build run test snapshots bench fuzz lint format install install-check docs man reference clean setup

build: setup
	$(SWIFT) build $(SWIFTFLAGS)

run: build
	$(DOM0KIT) run $(PROFILE) $(RUNFLAGS)

test: setup
	$(SWIFT) build $(SWIFTFLAGS) --build-tests
	$(SWIFT) test $(SWIFTFLAGS) --skip-build

# The texts that tests pin, written anew; look at the difference before you commit it.
snapshots: setup
	$(SWIFT) build $(SWIFTFLAGS) --build-tests
	DOM0KIT_SNAPSHOTS=renew $(SWIFT) test $(SWIFTFLAGS) --skip-build --filter SnapshotTests

# What is measured is the program as it is installed.
bench: setup
	$(SWIFT) build $(INSTALLFLAGS) --product dom0kit
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

# A program that runs without Swift on the machine: a build of its own, since its flags differ. Nothing but files is
# installed; the packages the build needs have to be there.
install:
	$(SWIFT) build $(INSTALLFLAGS) --product dom0kit
	.ci/manual $(INSTALLED)/release/dom0kit $(INSTALLED) $(INSTALLED)/manual
	.ci/install $(INSTALLED)/release/dom0kit $(INSTALLED)/manual '$(DESTDIR)$(PREFIX)'

# What the installed program needs of a machine, shown in a Debian root without Swift.
install-check:
	.ci/install-check

# The documentation as a static site.
docs:
	.ci/docs .build/docs

# The man pages, to look at: man ./.build/manual/dom0kit.1
man: build
	.ci/manual $(DOM0KIT) .build .build/manual

# What the documentation says of each command, from the commands themselves.
reference: build
	.ci/commands $(DOM0KIT)

clean:
	rm -rf .build .build-install .dom0kit

setup:
	@[ "$(DOM0KIT_SETUP)" = skip ] || .ci/setup
