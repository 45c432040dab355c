#!/usr/bin/env bash
# Makes a folder in which qemu-user runs .NET apps for linux-arm64:  .ci/arm64-sysroot.sh DEST
#
#   DEST/cortex-a72, DEST/cortex-a76   for  qemu-aarch64-static -cpu <name> -L DEST/<name> app
#
# Each has its own proc/cpuinfo: ONNX Runtime reads that file to choose its kernels, finds nothing in the host's, and would
# use instructions that the emulated CPU lacks in one that does not match -cpu. OpenSSL is there because .NET has no other
# SHA-256 on Linux. Debian 12, root; needs the packages qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross
# libgcc-s1-arm64-cross. Does nothing when DEST is complete.
set -euo pipefail

mkdir -p "${1:?usage: .ci/arm64-sysroot.sh DEST}"
dest=$(cd "$1" && pwd)
cross=/usr/aarch64-linux-gnu/lib
complete=$dest/complete
[ ! -e "$complete" ] || exit 0

for needed in /usr/bin/qemu-aarch64-static "$cross/libc.so.6" "$cross/libstdc++.so.6" "$cross/libgcc_s.so.1"; do
  [ -e "$needed" ] || {
    echo "$needed is missing: install qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross" >&2
    exit 1
  }
done

# OpenSSL of arm64 through an apt root of its own, so that the machine keeps its architectures and package lists.
apt=$dest/apt
rm -rf "$apt"
mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/debs"
: >"$apt/state/status"
apt_get() {
  apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root \
    -o Dir::State="$apt/state" -o Dir::State::status="$apt/state/status" -o Dir::Cache="$apt/cache" "$@"
}
apt_get update
(cd "$apt/debs" && apt_get download libssl3)
dpkg-deb -x "$apt"/debs/libssl3_*.deb "$apt/root"

cpu() { # name, part number, extra features
  local root=$dest/$1
  rm -rf "$root"
  mkdir -p "$root/lib" "$root/proc"
  cp -a "$cross/." "$root/lib/"
  cp -a "$apt"/root/usr/lib/aarch64-linux-gnu/lib{ssl,crypto}.so.3 "$root/lib/"
  for processor in 0 1; do
    printf '%s\t: %s\n' processor "$processor" BogoMIPS 108.00 \
      Features "fp asimd evtstrm aes pmull sha1 sha2 crc32${3:+ $3} cpuid" \
      "CPU implementer" 0x41 "CPU architecture" 8 "CPU variant" 0x0 "CPU part" "$2" "CPU revision" 3
    echo
  done >"$root/proc/cpuinfo"
}
cpu cortex-a72 0xd08 ""
cpu cortex-a76 0xd0b "atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp"

rm -rf "$apt"
touch "$complete"
