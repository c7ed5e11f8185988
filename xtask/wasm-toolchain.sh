#!/usr/bin/env bash
# A Rust toolchain that compiles to wasm32-unknown-unknown where rustup cannot fetch that
# target: Debian's own rustc, and a wasm32 standard library built once from Debian's matching
# source, linked as a rustup toolchain. `cargo xtask` calls it when it needs to.
#
#   wasm-toolchain.sh NAME FOLDER
#
# Remove with `rustup toolchain uninstall NAME` and by deleting FOLDER.
set -euo pipefail
name=$1
folder=$2
target=wasm32-unknown-unknown
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
install() {
  as_root apt-get update --quiet
  as_root apt-get install --yes --quiet --no-install-recommends "$@"
}

if ! command -v apt-get >/dev/null; then
  echo "wasm-toolchain: rustup cannot add $target, and this is no Debian" >&2
  exit 1
fi

# Debian's compiler, the source of its standard library, and the lld of its LLVM.
if ! [ -x /usr/bin/rustc ] || ! [ -x /usr/bin/cargo ] || ! [ -d /usr/lib/rustlib/src/rust/library ]; then
  install rustc-web cargo-web rust-web-src
fi
version=$(/usr/bin/rustc -vV | sed -n 's/^release: //p')
host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
llvm=$(/usr/bin/rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
[ -x "/usr/lib/llvm-$llvm/bin/lld" ] || install "lld-$llvm"

# A sysroot of our own: Debian's host library by link, the wasm32 one built once. The folder
# carries the version, because Debian's compiler moves with its security updates.
root=$folder/$version
if [ ! -e "$root/.done" ]; then
  rm -rf "$root"
  mkdir -p "$root/bin" "$root/lib/rustlib/$target/lib" "$root/lib/rustlib/$host/bin" "$root/build/src"
  ln -s "/usr/lib/rustlib/$host/lib" "$root/lib/rustlib/$host/lib"
  ln -s "/usr/lib/llvm-$llvm/bin/lld" "$root/lib/rustlib/$host/bin/rust-lld"
  printf '[package]\nname = "stdbuild"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$root/build/Cargo.toml"
  printf '#![no_std]\n' >"$root/build/src/lib.rs"
  # Without the bitcode, link-time optimization would have nothing to work with.
  ( cd "$root/build"
    env -u RUSTC_WRAPPER -u CARGO_TARGET_DIR -u CARGO_BUILD_TARGET -u CARGO_ENCODED_RUSTFLAGS \
      RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes \
      CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 \
      /usr/bin/cargo build --release --target "$target" --target-dir target \
        -Z build-std=std,panic_abort,proc_macro,test )
  for library in "$root/build/target/$target/release/deps/"*.rlib; do
    case ${library##*/} in
      libstdbuild-*) ;;
      *) cp "$library" "$root/lib/rustlib/$target/lib/" ;;
    esac
  done
  rm -rf "$root/build"
  for tool in rustc rustdoc; do
    printf '#!/bin/sh\nexec /usr/bin/%s --sysroot "%s" "$@"\n' "$tool" "$root" >"$root/bin/$tool"
    chmod +x "$root/bin/$tool"
  done
  ln -s /usr/bin/cargo "$root/bin/cargo"
  touch "$root/.done"
fi
rustup toolchain link "$name" "$root"
