#!/usr/bin/env bash
# Builds and runs every test: C++ and RTL units, NumPy checks, systems, benches in C++ and cocotb, layers. Writes JUnit to
# build/release/junit.xml; the last line counts what passed, failed and was skipped.
# usage: ./tessera test [CTEST ARGUMENTS]                e.g. ./tessera test -R router, ./tessera test -L smoke
#        ./tessera test --sv FILES --top M --py test_x.py | --cpp test_x.cpp          a bench of yours on RTL of yours
#        ./tessera test --unit tsr_router --config p8 --py ... | --cpp ...            a bench of yours on a block
set -euo pipefail
unset CDPATH BASH_ENV ENV
root=$(cd -- "$(dirname -- "$0")/.." && pwd -P)
for argument in "$@"; do
  case "$argument" in
    --sv|--sv=*|--unit|--unit=*|--py|--py=*|--cpp|--cpp=*) exec "$root/.venv/bin/python" "$root/scripts/bench_run.py" "$@" ;;
    --help|-h) sed -n '2,7s/^# \{0,1\}//p' "$0"; exec "$root/.venv/bin/python" "$root/scripts/bench_run.py" --help ;;
  esac
done
cd "$root"
build=build/release
cmake --preset release >/dev/null || exit 3
echo "building the tests ..."
cmake --build "$build" 2>&1 | scripts/progress.sh "$build-build.log" || { tail -80 "$build-build.log"; echo "the build failed; whole log: $build-build.log"; exit 3; }
# Two heavy tests at once are slower than one after the other where memory is short; two cores carry two.
status=0
rm -f "$build/junit.xml"
ctest --test-dir "$build" --output-on-failure --no-tests=error -j "${TSR_TEST_JOBS:-2}" --timeout 900 \
  --output-junit junit.xml "$@" || status=$?
.venv/bin/python scripts/count_tests.py "$build/junit.xml" || status=1
exit $status
