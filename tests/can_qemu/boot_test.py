#!/usr/bin/env python3
"""Boots a virtual machine with two CAN cards on one bus and runs the probes in it.

boot_test.py KERNEL PROFILES PROGRAM...

The folder KERNEL holds vmlinuz and modules/*.ko, as ./dev test puts them there. guest_init runs the programs.

The machine is emulated whole, without KVM, has no network and no disk, and lives in memory. Exit code 77:
something that is needed is not there.
"""

import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
MODULES = ["can", "can-raw", "can-dev", "sja1000", "kvaser_pci", "vcan"]
PROGRAMS = ["ip", "cansend", "candump"]
BOOT_MAX_S = 240


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def find_program(name):
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    found = shutil.which(name, path=path)
    return found or skip(f"{name} is not installed; ./dev setup tests installs it")


def copy_with_libraries(program, name, root):
    """The program as /bin/NAME without its debug information, and every library it needs at its own path."""
    shutil.copy2(program, root / "bin" / name)
    if shutil.which("strip"):
        subprocess.run(["strip", "--strip-debug", root / "bin" / name], check=True)
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    for library in re.findall(r"(/\S+)", listed):
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copy2(library, target)


def make_root(root, kernel, profiles, programs):
    for folder in ["bin", "dev", "proc", "sys", "tmp", "lib/modules"]:
        (root / folder).mkdir(parents=True)
    for module in MODULES:
        shutil.copy2(kernel / "modules" / f"{module}.ko", root / "lib" / "modules")
    copy_with_libraries(find_program("busybox"), "busybox", root)
    for link in ["sh", "cat"]:
        (root / "bin" / link).symlink_to("busybox")
    for program in PROGRAMS:
        copy_with_libraries(find_program(program), program, root)
    for program in programs:
        copy_with_libraries(program, pathlib.Path(program).name, root)
    shutil.copytree(profiles, root / "profiles")
    init = root / "init"
    shutil.copy2(pathlib.Path(__file__).with_name("guest_init"), init)
    init.chmod(0o755)


def make_initramfs(root, out):
    names = "\0".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    with out.open("wb") as file:
        subprocess.run(
            ["cpio", "-0", "-o", "-H", "newc", "--quiet", "-R", "0:0"],
            input=names.encode(),
            cwd=root,
            stdout=file,
            check=True,
        )


def boot(kernel, initramfs):
    command = [
        find_program("qemu-system-x86_64"),
        "-M",
        "pc",
        "-cpu",
        "max",
        "-accel",
        "tcg",
        "-m",
        "1024",
        "-nodefaults",
        "-nographic",
        "-nic",
        "none",
        "-no-reboot",
        "-serial",
        "stdio",
        "-kernel",
        str(kernel / "vmlinuz"),
        "-initrd",
        str(initramfs),
        "-append",
        "console=ttyS0 quiet panic=-1 rdinit=/init",
        "-object",
        "can-bus,id=bus",
        "-device",
        "kvaser_pci,canbus=bus",
        "-device",
        "kvaser_pci,canbus=bus",
    ]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=BOOT_MAX_S, check=False
        )
    except subprocess.TimeoutExpired as late:
        print((late.stdout or b"").decode(errors="replace"))
        sys.exit(f"error: the virtual machine did not switch off within {BOOT_MAX_S} s")
    output = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
    return re.sub(r"\x1b(\[[0-9;?]*[a-zA-Z]|c)", "", output)  # the BIOS clears the screen


def main():
    kernel, profiles, programs = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    if platform.machine() != "x86_64":
        skip("the virtual machine runs this machine's programs and is an x86-64 one")
    if not (kernel / "vmlinuz").exists():
        skip(f"there is no kernel in {kernel}; ./dev test fetches one")
    for program in ["qemu-system-x86_64", "cpio", "busybox"]:
        find_program(program)
    with tempfile.TemporaryDirectory(prefix="davy-guest-") as folder:
        root = pathlib.Path(folder) / "root"
        root.mkdir()
        make_root(root, kernel, profiles, programs)
        initramfs = pathlib.Path(folder) / "initramfs"
        make_initramfs(root, initramfs)
        output = boot(kernel, initramfs)
    print(output)
    if output.count("guest-result=0") != 2:
        sys.exit("error: the test in the virtual machine failed; what it said is above")


if __name__ == "__main__":
    main()
