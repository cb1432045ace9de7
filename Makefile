# `make run` and `make test` are all that is needed; both set themselves up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test check bench recordings eval model clean help
help:
	@echo "make run         start the hotline with demo data on http://localhost:8000"
	@echo "make test        run the tests"
	@echo "make check       lint, types, layers"
	@echo "make bench       measure"
	@echo "make recordings  fetch recordings of people from Debian's packages, to measure with"
	@echo "make eval        measure how well callers are understood (some ten minutes)"
	@echo "make model       build the ear's vocabulary anew, after a change of words"

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Hotline needs Python 3.11 or newer")'
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(READY)

run: $(READY)
	$(BIN)/hotline serve --demo

test: $(READY)
	$(BIN)/pytest

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(READY)
	$(BIN)/python -m bench

# Recordings of real people are not part of the project: folders with a transcripts.tsv, where there are any.
# Those in training/recordings are of what `make recordings` fetches.
RECORDINGS ?= $(wildcard ../shared/audio/digits ../shared/audio/train/talkingclock_swiss) \
  $(if $(wildcard var/recordings/usr),$(wildcard training/recordings/dev/*))
RECORDED = ktuberling-data klettres-data kajongg $(patsubst %,asterisk-core-sounds-%-wav,en es fr it ru)
CONDITIONS ?= clean pink:20 street:20 television:20 kitchen:20 level:-40 clip:6 loss:3 gsm amr wide far tilt:-4 tilt:4 echo:15
EVAL_LIMIT ?= 120

recordings:
	mkdir -p var/recordings
	cd var/recordings && apt-get download $(RECORDED) && for one in *.deb; do dpkg-deb -x $$one . && rm $$one || exit; done

eval: $(READY)
	$(BIN)/hotline corpus dev var/corpus/dev
	$(if $(RECORDINGS),$(BIN)/hotline corpus real var/corpus/real $(addprefix --recordings ,$(RECORDINGS)))
	$(BIN)/hotline eval var/corpus/dev/manifest.tsv $(if $(RECORDINGS),var/corpus/real/manifest.tsv) \
	  --limit $(EVAL_LIMIT) $(addprefix --condition ,$(CONDITIONS)) --json var/eval.json --html var/eval.html

model: $(READY)
	$(BIN)/hotline model build

clean:
	rm -rf $(VENV) var
