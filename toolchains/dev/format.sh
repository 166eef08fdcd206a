# Lay out the C++ code by .clang-format
#
# ./dev format            rewrite the files
# ./dev format --check    only say which files are not laid out

[[ $# -eq 0 || ($# -eq 1 && $1 == --check) ]] || usage_error "only --check may follow"

need lint
mapfile -t files < <(find proto drivers gateway firmware host tests \
  \( -name node_modules -o -name dist \) -prune -o \( -name '*.cpp' -o -name '*.hpp' \) -print | sort)

if [[ ${1:-} == --check ]]; then
  clang-format-14 --dry-run --Werror "${files[@]}" || die "run ./dev format"
  say "all ${#files[@]} files are laid out"
else
  clang-format-14 -i "${files[@]}"
  say "laid out ${#files[@]} files"
fi
