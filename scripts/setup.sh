#!/usr/bin/env bash
# Installs what Tessera needs and is missing: distribution packages, the pinned Python environment.
# usage: scripts/setup.sh          Without root it prints the one command to run instead. Second runs take no time.
set -euo pipefail
unset CDPATH BASH_ENV ENV PYTHONHOME PYTHONPATH
cd -- "$(dirname -- "$0")/.."

packages=(g++ clang-14 clang-format-14 clang-tidy-14 make cmake ninja-build ccache git python3 python3-venv libpython3.11 libgtest-dev libcli11-dev libfmt-dev
  nlohmann-json3-dev liblz4-dev zlib1g-dev gtkwave xvfb xauth imagemagick xdotool yosys z3 verilator valgrind)

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
    exit 3
  fi
  echo "installing: ${missing[*]}" >&2
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi

python=$(command -v /usr/bin/python3 || command -v python3)
[ -x .venv/bin/python ] || "$python" -m venv .venv
# Into .venv, whatever the variables and the pip.conf of the user say about the place; index and proxy are theirs.
for name in $(compgen -e PIP_); do
  case "$name" in
    PIP_INDEX_URL | PIP_EXTRA_INDEX_URL | PIP_TRUSTED_HOST | PIP_CERT | PIP_CLIENT_CERT | PIP_PROXY | PIP_FIND_LINKS | PIP_NO_INDEX | PIP_CACHE_DIR | \
      PIP_NO_CACHE_DIR | PIP_CONFIG_FILE | PIP_TIMEOUT | PIP_DEFAULT_TIMEOUT | PIP_RETRIES | PIP_KEYRING_PROVIDER | PIP_USE_FEATURE) ;;
    *) unset "$name" ;;
  esac
done
pip=(.venv/bin/python -I -m pip --disable-pip-version-check)
if place=$("${pip[@]}" config list | grep -E '^(global|install)\.(prefix|root)='); then
  echo "pip.conf sets ${place//$'\n'/ and }, but these packages belong into $PWD/.venv. Run: PIP_CONFIG_FILE=/dev/null scripts/setup.sh" >&2
  exit 2
fi
"${pip[@]}" install -q --no-user --target= --require-hashes -r scripts/requirements.txt >&2
printf '%s' "$want" > "$stamp"
