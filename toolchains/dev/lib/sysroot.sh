# The target's libraries and headers, unpacked from its own Debian packages. Nothing foreign is installed on
# the machine, no maintainer script runs, and no root is needed.

# The mirror this machine's apt uses for Debian 12, so that a site with its own mirror needs no further
# setting.
debian_mirror() {
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
    'Codename: bookworm' 'Component: main' 2>/dev/null | head -1)
  echo "${DAVY_DEBIAN_MIRROR:-${mirror:-http://deb.debian.org/debian}}"
}

# make_sysroot ARCH: build/sysroot/ARCH, made again only when the list of packages or this file changes.
make_sysroot() {
  local arch=$1 folder=build/sysroot/$1 packages now link target
  packages=$(packages_of sysroot | awk '{ print $1 }' | paste -sd,)
  now=$(echo "$arch $packages" | cat - toolchains/dev/lib/sysroot.sh | sha256sum)
  [[ -f $folder.stamp && $(<"$folder.stamp") == "$now" ]] && return 0

  say "unpacking the libraries of $arch into $folder (some 350 MB, from $(debian_mirror))"
  rm -rf "$folder" "$folder.stamp"
  mkdir -p "$folder"
  mmdebstrap --quiet --mode=chrootless --variant=extract --format=directory --architectures="$arch" \
    --include="$packages" bookworm "$folder" "$(debian_mirror)" ||
    die "could not unpack the packages of $arch; for another mirror set DAVY_DEBIAN_MIRROR=http://..."

  # Only libraries and headers stay: qemu prefers a file in here to the machine's own of the same name, and
  # a test that opens /dev/ptmx or runs a broker means the machine's.
  find "$folder" -mindepth 1 -maxdepth 1 ! -name usr ! -name lib -exec rm -rf {} +
  rm -rf "$folder"/usr/bin "$folder"/usr/sbin

  # A link to /lib/x means the target's /lib, but a compiler here would follow it to this machine's own.
  find "$folder/usr" "$folder/lib" -type l -lname '/*' | while read -r link; do
    target=$(readlink "$link")
    ln -sfn "$(realpath -ms --relative-to="$(dirname "$link")" "$folder$target")" "$link"
  done
  echo "$now" >"$folder.stamp"
}
