# How the script speaks, and what every verb shares.

jobs=${DAVY_JOBS:-$(nproc)}

say() { printf '==> %s\n' "$*"; }

die() {
  printf 'dev: %s\n' "$*" >&2
  exit 1
}

# usage_error TEXT: the caller typed something we cannot do.
usage_error() {
  printf 'dev %s: %s\n' "$verb" "$*" >&2
  printf "Try './dev %s --help'.\n" "$verb" >&2
  exit 2
}

# whole_number NAME VALUE: refuses anything else.
whole_number() {
  [[ $2 =~ ^[0-9]{1,18}$ ]] || usage_error "$1 is a whole number, not '$2'"
}
