# Install the Debian packages Davy needs
#
# ./dev setup [SECTION...]     the named sections of toolchains/packages.txt; without one, all of them
# ./dev setup --list           what each section is for, and what is missing
#
# Only what is missing is installed, with apt-get, as root or through sudo. Every other verb does this by
# itself for the sections it needs, so you need this verb only to prepare a machine beforehand.

list_sections() {
  local section
  for section in $(package_sections); do
    printf '%-8s %s\n' "$section" "$(why_section "$section")"
    [[ $section == sysroot || $section == guest ]] ||
      missing_packages "$section" | sed 's/^/           missing: /'
  done
}

if [[ ${1:-} == --list ]]; then
  list_sections
  exit 0
fi

all=$(package_sections | grep -vxE 'sysroot|guest')
for section in "$@"; do
  grep -qx -- "$section" <<<"$all" ||
    usage_error "there is no section '$section' to install; the sections are: ${all//$'\n'/ }"
done
# shellcheck disable=SC2086  # one word a section
need ${@:-$all}
say "everything is installed for: ${*:-${all//$'\n'/ }}"
