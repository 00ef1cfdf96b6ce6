#!/bin/sh
# The cases of kmalloc and mmap (tests/cases/mmap), each in a boot of its own.  Options are those of run-tests.sh (-h):
# -c goes on after a failure, -v shows what is run.
cd "$(dirname "$0")/.." && exec tests/run-tests.sh -d tests/cases/mmap "$@"
