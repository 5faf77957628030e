# The front door; Meson does the work. `make help` lists what there is.
BUILD = build/release
FODDER = $(BUILD)/cli/fodder
# Quiet, unless it fails. To lib, where ld.so and pkg-config look: without dpkg-dev Meson takes lib64 for Debian's.
SETUP = said=$$(meson setup $(BUILD) $$(test -e $(BUILD)/build.ninja && echo --reconfigure || echo --libdir lib)) || { echo "$$said" >&2; exit 1; }

all: $(BUILD)/build.ninja ## build the library and the command
	@ninja -C $(BUILD) --quiet
	@echo "built: $(FODDER)"

$(BUILD)/build.ninja:
	@command -v meson >/dev/null || { echo "make: Meson is missing; 'make deps' installs what the build needs" >&2; exit 1; }
	@$(SETUP)

deps: ## install the Debian packages that the build needs, those of fodder measure among them
	@tools/deps bench

demo: ## install what is missing, build, make 1 GiB, and show that both ratios hold
	@tools/deps demo
	@$(SETUP)
	@$(MAKE) --no-print-directory all
	@tools/demo $(FODDER)

check: ## install what is missing, build in every way, run all tests
	@tools/deps check avx512 numa
	@tools/check

bench: measured ## fill and verify against memset on this machine (2 minutes)
	@$(BUILD)/bench/bench

compare: measured ## fodder beside s3dlio, dgen-py, fio and numpy, in one run: a table and docs/compare.svg (5 minutes)
	@tools/deps compare
	@tools/compare

reducers: measured ## what borg, restic, squashfs and others store, beside what fodder measure predicts (6 minutes)
	@tools/deps reducers
	@tools/reducers

fidelity: measured ## measure the ratios with real codecs, and write docs/fidelity.md and README's tables (2 minutes)
	@tools/fidelity $(BUILD)/bench/fidelity $(FODDER)

# The build, with the libraries that measuring needs, which an earlier setup may have lacked.
measured:
	@tools/deps bench
	@$(SETUP)
	@$(MAKE) --no-print-directory all

check-long: measured ## even bytes and zstd -22 over gigabytes (an hour)
	@tools/deps demo
	@tools/check-long

qualify: measured ## PractRand over the keystream: make qualify RNG_TEST=path/to/RNG_test SIZE=64GB (hours)
	@tools/qualify $(or $(RNG_TEST),RNG_test) $(or $(SIZE),1TB)

fuzz: ## run each fuzzer for SECONDS_EACH=60 seconds
	@tools/deps fuzz
	@tools/fuzz $${SECONDS_EACH:-60}

io-bench: measured ## fodder's output to tmpfs, a pipe and a disk beside dd, one constant page and fio: FOLDER=. (3 minutes)
	@tools/deps compare
	@tools/io-bench $(FODDER) $(BUILD)/bench/splice $(or $(FOLDER),.)

static: ## build/static/fodder: one file for machines where nothing may be installed, tried in an empty root (20 seconds)
	@tools/deps static
	@tools/static

deb: ## Debian packages of what is committed, in build/deb: libfodder0, libfodder-dev, fodder, python3-fodder (2 minutes)
	@tools/deps deb
	@tools/deb

deb-test: ## install them in a bare Debian 12 of its own, use them there, and take them away (2 minutes; as root)
	@tools/deps debtest
	@tools/deb-test

release: ## the files of a release, in build/release-files: sources, packages, static command, wheels, crates, sums (8 minutes)
	@tools/deps deb static rust compare
	@tools/release

release-dry-run: ## the sources of it, which must build, and whether this commit may be released (10 seconds)
	@tools/deps deb rust
	@tools/release --dry-run

s3-bench: measured ## what is put to an S3 server beside a constant buffer, by the same client (3 minutes)
	@tools/deps check
	@tools/s3-bench $(BUILD)/bench

python: ## build the Python package's wheel, and run its tests on each CPython that is here (2 minutes)
	@tools/deps check
	@tools/python-test

python-bench: measured ## the Python package beside C, s3dlio and dgen-py, in one run (2 minutes)
	@tools/deps compare
	@tools/python-bench

wheels: ## manylinux wheels for x86_64 and aarch64 and the sdist, in build/dist (2 minutes)
	@tools/deps compare
	@tools/wheels

rust: ## test the Rust crates as users build them (4 minutes)
	@tools/deps check
	@tools/rust-test

rust-bench: measured ## the Rust crate beside the crate dgen-data and beside C, in one run (2 minutes)
	@tools/deps rust
	@cargo run --quiet --release --manifest-path rust/Cargo.toml -p bench -- $(BUILD)/src/libfodder.so

site: ## the documentation as a site in build/site, which needs no network and no server (half a minute)
	@tools/deps site
	@tools/site

docs-test: all ## run every block of the documents, make the site and look at it (2 minutes; after a make check)
	@tools/deps check
	@tools/docs-test $(BUILD)

install: all ## install to the prefix that Meson was set up with, /usr/local
	@meson install -C $(BUILD)

clean: ## remove everything built
	@rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 21

.PHONY: all deps demo check bench compare reducers fidelity fuzz io-bench s3-bench python static deb deb-test release release-dry-run python-bench wheels rust rust-bench site docs-test check-long qualify measured install clean help
