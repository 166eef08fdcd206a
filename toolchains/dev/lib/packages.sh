# Debian packages: which a section names, which of them are missing, and how they come onto the machine.

package_list=toolchains/packages.txt

package_sections() { sed -n 's/^\[\([a-z]*\)\].*/\1/p' "$package_list"; }

# packages_of SECTION: one line each, "name why".
packages_of() {
  awk -v section="[$1]" '/^\[/ { inside = ($1 == section); next } inside && NF && !/^#/' "$package_list"
}

why_section() { sed -n "s/^\[$1\] //p" "$package_list"; }

package_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Node from elsewhere serves as well as Debian's, and the two do not go together.
own_node_will_do() {
  local version
  command -v npm >/dev/null && version=$(node --version 2>/dev/null) || return 1
  [[ $version =~ ^v([0-9]+) ]] && ((BASH_REMATCH[1] >= 18))
}

# missing_packages SECTION...: the lines of packages_of that are not installed.
missing_packages() {
  local section name why
  for section in "$@"; do
    [[ $section == web ]] && own_node_will_do && continue
    while read -r name why; do
      package_installed "$name" || printf '%-24s %s\n' "$name" "$why"
    done < <(packages_of "$section")
  done
}

# as_root COMMAND...: directly, or through sudo.
as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo "$@"
  fi
}

can_be_root() {
  ((EUID == 0)) && return 0
  command -v sudo >/dev/null || return 1
  [[ -t 0 ]] || sudo -n true 2>/dev/null  # with a terminal, sudo may ask for the password
}

# need SECTION...: afterwards every package of these sections is installed. Quiet when there is nothing to do.
need() {
  local missing names
  command -v dpkg-query >/dev/null || die "this machine has no dpkg: Davy is built on Debian 12"
  missing=$(missing_packages "$@")
  [[ -n $missing ]] || return 0

  names=$(awk '{ print $1 }' <<<"$missing" | sort -u | tr '\n' ' ')
  say "Debian packages to install, and what each is for:"
  sed 's/^/    /' <<<"$missing"
  if ! grep -qs '^VERSION_ID="12"' /etc/os-release; then
    say "note: this is not Debian 12; some packages may have other names or versions here"
  fi
  can_be_root || die "installing needs root. Run this as root, or through sudo, or have it done for you:
    apt-get update && apt-get install --no-install-recommends $names"

  as_root apt-get -q update || die "apt-get update failed: is the network up, are apt's sources right?"
  # shellcheck disable=SC2086  # one word a package
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $names ||
    die "apt-get could not install the packages; its message is above"
}
