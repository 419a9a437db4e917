#!/usr/bin/env bash
# Installs the packages that llmdyno builds with. Does nothing when all of them are there already.
#
#   cmake/install-deps.sh            install what is missing (Debian, Ubuntu)
#   cmake/install-deps.sh --check    only say what is missing; exit status 1 if anything is that is needed
#
# On other systems it prints the package names and stops: installing is then yours.
set -euo pipefail

build=(g++ cmake ninja-build pkg-config)
libraries=(libcurl4-openssl-dev libsimdjson-dev libabsl-dev nlohmann-json3-dev libcxxopts-dev libboost-dev libpng-dev)
tests=(catch2 curl openssl nghttp2-proxy python3 python3-jsonschema dpkg-dev file doxygen)
# Draws the plots of a QPS benchmark when llmdyno runs. Optional: without it the plot's script is left instead.
optional=(gnuplot-nox)

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  cat <<'TEXT' >&2
install-deps.sh knows how to install on Debian and Ubuntu only. Please install, then run the command again:
  Fedora    sudo dnf install gcc-c++ cmake ninja-build pkgconf libcurl-devel simdjson-devel abseil-cpp-devel json-devel cxxopts-devel boost-devel libpng-devel catch-devel curl openssl nghttp2 python3 python3-jsonschema doxygen gnuplot
  Arch      sudo pacman -S --needed gcc cmake ninja pkgconf curl simdjson abseil-cpp nlohmann-json cxxopts boost libpng catch2 openssl nghttp2 python python-jsonschema doxygen gnuplot
  Homebrew  brew install cmake ninja pkg-config curl simdjson abseil nlohmann-json cxxopts boost libpng catch2 openssl nghttp2 python3 doxygen gnuplot
Needed are CMake 3.25 or newer and a C++20 compiler (GCC 12, Clang 15).
TEXT
  exit 1
fi

# Sets `missing` to those of the packages that are not installed.
find_missing() {
  local package state
  missing=()
  for package in "$@"; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
  done
}

needed=("${build[@]}" "${libraries[@]}" "${tests[@]}")
if [ "${1:-}" = --check ]; then
  find_missing "${needed[@]}"
  [ ${#missing[@]} -eq 0 ] && exit 0
  echo "missing: ${missing[*]}"
  exit 1
fi
find_missing "${needed[@]}" "${optional[@]}"
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "install-deps.sh: needs root to install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
install_packages() {
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" >&2
}

echo "installing: ${missing[*]}" >&2
"${as_root[@]}" apt-get update -qq >&2
find_missing "${needed[@]}"
[ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
find_missing "${optional[@]}"
[ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}" ||
  echo "install-deps.sh: went on without ${missing[*]}: plots will not be drawn" >&2
