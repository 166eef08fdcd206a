# Building: one CMake preset per kind of build, each in build/PRESET; and the web page.

# build_preset PRESET [TARGET...]
build_preset() {
  local preset=$1
  shift
  if [[ ! -f build/$preset/build.ninja ]]; then
    say "configuring build/$preset"
    cmake --preset "$preset"
  fi
  say "building build/$preset${*:+: $*}"
  cmake --build "build/$preset" -j "$jobs" ${*:+--target "$@"}
}

# A digest of every file below a folder, except what is made from them.
digest_of() {
  find "$1" \( -name node_modules -o -name dist \) -prune -o -type f -print0 | sort -z |
    xargs -0 sha256sum | sha256sum
}

# npm_install FOLDER: the versions of its package-lock.json, once.
npm_install() {
  local stamp=$1/node_modules/.davy-installed now
  now=$(cat "$1/package.json" "$1/package-lock.json" | sha256sum)
  [[ -f $stamp && $(<"$stamp") == "$now" ]] && return 0
  say "installing the npm packages of $1 (as its package-lock.json pins them)"
  (cd "$1" && npm ci --no-audit --no-fund)
  echo "$now" >"$stamp"
}

# has_npm_script FOLDER SCRIPT
has_npm_script() {
  [[ -f $1/package.json ]] && grep -q "^ *\"$2\":" "$1/package.json"
}

# The dispatch room's page, host/web/dist, when its sources have changed.
build_web() {
  [[ -f host/web/package.json ]] || return 0
  local stamp=build/web.stamp now
  now=$(digest_of host/web)
  [[ -d host/web/dist && -f $stamp && $(<"$stamp") == "$now" ]] && return 0
  npm_install host/web
  say "building the web page"
  (cd host/web && npm run build)
  mkdir -p build
  echo "$now" >"$stamp"
}
