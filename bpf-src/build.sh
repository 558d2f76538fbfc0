#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Compiles the *.bpf.c of a directory.
#   build.sh SOURCES OUT.o   links them into one object
#   build.sh SOURCES OUT     makes one object of each in the directory OUT
# Does nothing where the result is newer than all sources. CLANG and BPFTOOL name other tools.
set -eu
sources=$1 out=$2
PATH=$PATH:/usr/sbin:/sbin # Debian keeps bpftool there
clang=${CLANG:-clang} bpftool=${BPFTOOL:-bpftool}

need() {
  command -v "$1" >/dev/null || { echo "build.sh: $1 not found: apt-get install $2" >&2; exit 1; }
}

machine=$(uname -m)
case $machine in
  x86_64) arch=x86 ;;
  aarch64) arch=arm64 ;;
  *) arch=$machine ;;
esac

fresh() { # RESULT: newer than every source, header and this script?
  [ -e "$1" ] && [ -z "$(find "$sources" "$0" -newer "$1" \( -name '*.[ch]' -o -name '*.sh' -o -type d \) -print)" ]
}

compile() { # SOURCE OBJECT
  "$clang" -g -O2 -target bpf -mcpu=v3 -Wall -Werror "-D__TARGET_ARCH_$arch" \
    -I "$sources" -I "/usr/include/$machine-linux-gnu" -c "$1" -o "$2"
}

link() { # RESULT OBJECT...: also drops DWARF, which nobody needs at run time
  result=$1
  shift
  mkdir -p "$(dirname "$result")"
  "$bpftool" gen object "$work/linked.o" "$@"
  mv "$work/linked.o" "$result"
}

set -- "$sources"/*.bpf.c
[ -e "$1" ] || exit 0 # nothing to compile
need "$clang" clang
need "$bpftool" bpftool
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

case $out in
  *.o)
    fresh "$out" && exit 0
    for source; do
      compile "$source" "$work/$(basename "$source" .c).o"
    done
    # bpftool 7.1 misplaces a map that is used before it is defined: the definitions come first
    [ ! -e "$work/maps.bpf.o" ] || mv "$work/maps.bpf.o" "$work/0-maps.bpf.o"
    link "$out" "$work"/*.bpf.o
    ;;
  *)
    for source; do
      object=$out/$(basename "$source" .c).o
      fresh "$object" && continue
      compile "$source" "$work/one.o"
      link "$object" "$work/one.o"
    done
    ;;
esac
