# The kernel of the virtual machine in which tests/can_qemu runs: Debian's own, unpacked, never installed.

# make_guest: build/guest/vmlinuz and the modules the test loads, once. Without a network or on another kind
# of machine there is none, and that test says that it is skipped.
make_guest() {
  local guest=build/guest meta image unpacked
  [[ ! -f $guest/vmlinuz && $(dpkg --print-architecture) == amd64 ]] || return 0
  meta=$(packages_of guest | awk 'NR == 1 { print $1 }')
  image=$(apt-cache depends "$meta" 2>/dev/null |
    sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  rm -rf "$guest"
  mkdir -p "$guest/modules" "$guest/unpacked"
  say "fetching $image into $guest: what it holds is unpacked there, not installed"
  if [[ -z $image ]] || ! (cd "$guest" && apt-get -q download "$image"); then
    say "note: no kernel to be had, is the network up? The tests on a virtual machine will be skipped"
    return 0
  fi
  unpacked=$guest/unpacked
  dpkg-deb --fsys-tarfile "$guest"/linux-image-*.deb |
    tar -x -C "$unpacked" --wildcards './boot/vmlinuz-*' '*/kernel/net/can/*' '*/kernel/drivers/net/can/*'
  find "$unpacked" -name '*.ko' -exec mv -t "$guest/modules" {} +
  mv "$unpacked"/boot/vmlinuz-* "$guest/vmlinuz"
  rm -rf "$unpacked" "$guest"/linux-image-*.deb
}
