#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Reads the output of a build, writes all of it to a log, and shows on a terminal how many of its steps are done.
# usage: ninja ... 2>&1 | scripts/progress.sh LOG
set -euo pipefail
shown=0
while IFS= read -r line; do
  printf '%s\n' "$line" >&3
  if [ -t 2 ] && [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
    printf '\r  %s of %s steps, %d s ' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "$SECONDS" >&2
    shown=1
  fi
done 3>"$1"
if [ "$shown" = 1 ]; then printf '\r%*s\r' 40 '' >&2; fi
