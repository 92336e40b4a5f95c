#!/usr/bin/env bash
# Builds and runs every test: C++ and RTL units, NumPy checks, systems, layers. Writes JUnit to build/release/junit.xml.
# usage: ./tessera test [CTEST ARGUMENTS]      e.g. ./tessera test -R router, ./tessera test -L smoke
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/release
cmake --preset release >/dev/null
echo "building the tests ..."
cmake --build "$build" >"$build-build.log" 2>&1 || { tail -80 "$build-build.log"; echo "the build failed; whole log: $build-build.log"; exit 1; }
# Two heavy tests at once are slower than one after the other where memory is short; two cores carry two.
ctest --test-dir "$build" --output-on-failure --no-tests=error -j "${TSR_TEST_JOBS:-2}" --timeout 900 \
  --output-junit junit.xml "$@"
