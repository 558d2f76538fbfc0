#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Compiles the C loops that the maps are measured against: build.sh OUT.so
# Does nothing where the result is newer than the sources. CLANG names another compiler.
set -eu
out=$1
sources=$(dirname "$0")
clang=${CLANG:-clang}

[ ! -e "$out" ] || [ -n "$(find "$sources" -newer "$out")" ] || exit 0
command -v "$clang" >/dev/null || { echo "build.sh: $clang not found: apt-get install clang" >&2; exit 1; }
mkdir -p "$(dirname "$out")"
"$clang" -O2 -g0 -Wall -Wextra -Werror -shared -fPIC "$sources"/*.c -o "$out" -lbpf
