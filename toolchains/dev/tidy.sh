# Let clang-tidy read the C++ code
#
# ./dev tidy               what differs from the main branch, committed or not
# ./dev tidy FILE...       these files
# ./dev tidy --all         everything; takes some minutes
#
# What it reads for is in .clang-tidy. The rules of the house (directions of includes, sizes, words that
# have one place) need no clang: they are the test tidy_test, a part of ./dev test.

# changed_files: the .cpp files that differ from main; a header stands for the .cpp beside it.
changed_files() {
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null) || base=$(git merge-base HEAD main 2>/dev/null) ||
    base=$(git rev-parse HEAD)
  {
    git diff --name-only --diff-filter=d "$base"
    git ls-files --others --exclude-standard
  } | sed -n 's/\.hpp$/.cpp/; /\.cpp$/p' | sort -u
}

need build lint
case ${1:-} in
  --all) mapfile -t wanted < <(find proto drivers gateway firmware host tests -name '*.cpp' | sort) ;;
  -*) usage_error "only --all or files may follow" ;;
  '') mapfile -t wanted < <(changed_files) ;;
  *) wanted=("$@") ;;
esac

# The generated headers have to be there before anything can be read.
build_preset debug davy_wire_generated
files=()
for file in "${wanted[@]}"; do
  if grep -qF "/$file\"" build/debug/compile_commands.json; then
    files+=("$file")
  elif (($# > 0)) && [[ $1 != --all ]]; then
    usage_error "$file is not compiled by any target"
  fi
done
if ((${#files[@]} == 0)); then
  say "no C++ file has changed; ./dev tidy --all reads everything"
  exit 0
fi

say "clang-tidy reads ${#files[@]} files"
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$jobs" clang-tidy-19 -p build/debug --quiet \
  --extra-arg=-Wno-unknown-warning-option 2> >(grep -v 'warnings generated' >&2) ||
  die "clang-tidy found something, see above"
say "nothing found in ${#files[@]} files"
