# The front door; Meson does the work. `make help` lists what there is.
BUILD = build/release
FODDER = $(BUILD)/cli/fodder

all: $(BUILD)/build.ninja ## build the library and the command
	@ninja -C $(BUILD) --quiet
	@echo "built: $(FODDER)"

$(BUILD)/build.ninja:
	@command -v meson >/dev/null || { echo "make: Meson is missing; 'make deps' installs what the build needs" >&2; exit 1; }
	@meson setup $(BUILD) >/dev/null

deps: ## install the Debian packages that the build needs
	@tools/deps build

demo: ## install what is missing, build, make 1 GiB, and show that both ratios hold
	@tools/deps demo
	@$(MAKE) --no-print-directory all
	@tools/demo $(FODDER)

check: ## install what is missing, build in every way, run all tests
	@tools/deps check avx512
	@tools/check

bench: ## fill against memset on this machine (2 minutes)
	@tools/deps bench
	@$(MAKE) --no-print-directory all
	@$(BUILD)/bench/bench

fidelity: ## the ratios asked for against those measured, by real codecs (some minutes)
	@tools/deps bench
	@$(MAKE) --no-print-directory all
	@$(BUILD)/bench/fidelity

install: all ## install to the prefix that Meson was set up with, /usr/local
	@meson install -C $(BUILD)

clean: ## remove everything built
	@rm -rf build

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

.PHONY: all deps demo check bench fidelity install clean help
