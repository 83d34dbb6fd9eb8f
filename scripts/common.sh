#!/bin/bash
# Sourced by the scripts beside it: where things are, how to become root, how to run something only when its inputs changed.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ARTIFACTS=$ROOT/artifacts
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 LC_ALL=C.UTF-8

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }

# Runs a command as root, through sudo when we are not.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo -- "$@"
  else die "must be root for: $* (sudo is not installed)"; fi
}

# Replaces the running script by itself as root; keeps the PATH so that the same dotnet is found.
become_root() {
  [ "$(id -u)" = 0 ] && return
  command -v sudo >/dev/null || die "network namespaces need root, and sudo is not installed"
  exec sudo -- env PATH="$PATH" HOME="$HOME" ${DOTNET_ROOT:+DOTNET_ROOT="$DOTNET_ROOT"} "$0" "$@"
}

# One hash over the content of the files below the given paths, leaving out what builds write there.
hash_of() {
  ( cd "$ROOT" && ( find "$@" \( -name bin -o -name obj -o -name TestResults -o -name __pycache__ \) -prune -o -type f -print0 2>/dev/null || true ) |
      sort -z | xargs -0r sha256sum | sha256sum | cut -d' ' -f1 )
}

# when_changed NAME "PATH..." [RESULT...] -- COMMAND...: runs COMMAND unless the inputs are the same as when it last succeeded
# and every RESULT still exists.
when_changed() {
  local name=$1 inputs=$2 stamp results=() hash; shift 2
  while [ "$1" != -- ]; do results+=("$1"); shift; done; shift
  stamp=$ARTIFACTS/stamps/$name
  # shellcheck disable=SC2086
  hash=$(hash_of $inputs)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$hash" ]; then
    local missing='' r
    for r in "${results[@]}"; do [ -e "$r" ] || missing=$r; done
    [ -n "$missing" ] || return 0
  fi
  mkdir -p "$ARTIFACTS/stamps" && rm -f "$stamp"
  "$@" || return
  printf '%s\n' "$hash" >"$stamp"
}

# quietly LABEL COMMAND...: one line while it works; the whole output only when it fails.
quietly() {
  local label=$1 log status=0; shift
  mkdir -p "$ARTIFACTS/logs"; log=$ARTIFACTS/logs/${label//[^A-Za-z0-9]/-}.log
  say "-- $label"
  "$@" >"$log" 2>&1 || status=$?
  [ $status = 0 ] || { tail -n 60 "$log" >&2; say "-- $label failed (exit $status); the whole output: ${log#"$ROOT"/}"; }
  return $status
}
