#!/usr/bin/env bash
# Installs what Tessera needs and is missing: distribution packages, the pinned Python environment.
# usage: scripts/setup.sh          Without root it prints the one command to run instead. Second runs take no time.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(g++ clang-14 clang-format-14 clang-tidy-14 make cmake ninja-build ccache git python3 python3-venv libpython3.11 libgtest-dev libcli11-dev libfmt-dev
  nlohmann-json3-dev liblz4-dev zlib1g-dev gtkwave xvfb xauth imagemagick xdotool yosys verilator valgrind)

stamp=.venv/.installed
want=$(cksum < scripts/requirements.txt)-$(printf '%s ' "${packages[@]}" | cksum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then exit 0; fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "Tessera needs packages that are not installed. Run once:" >&2
    echo "  sudo apt-get install -y ${missing[*]}" >&2
    exit 2
  fi
  echo "installing: ${missing[*]}" >&2
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi

python=$(command -v /usr/bin/python3 || command -v python3)
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r scripts/requirements.txt >&2
printf '%s' "$want" > "$stamp"
