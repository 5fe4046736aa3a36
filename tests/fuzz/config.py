"""What tells of a machine: a kernel's configuration, and the lists of modules that depmod writes."""

from __future__ import annotations

import gzip
import os
from contextlib import suppress

from btfview.btf.reader import Btf
from btfview.demands.kernel.kernel import Kernel
from btfview.demands.kinds.kconfig import ConfigValue, read_config
from btfview.demands.object.externs import CONFIG, Extern
from btfview.errors import BtfviewError
from btfview.targets.kernels import Machine
from btfview.targets.places import find_module
from btfview.targets.target import Target
from tests.fuzz.folder import path_of
from tests.fuzz.mutate_text import text_mutator
from tests.targets.samples import SMALL

_CONFIG = path_of("config")
_KERNEL = Target("6.1.0", path_of("boot/vmlinux-6.1.0"), "file")
_TREE = path_of("lib/modules/6.1.0")
os.makedirs(os.path.join(_TREE, "kernel"))
_TEXT = """\
# Linux/x86 6.1.0 Kernel Configuration
CONFIG_CC_VERSION_TEXT="gcc (Debian 12.2.0) 12.2.0"
CONFIG_HZ=250
CONFIG_BPF=y
CONFIG_USB=m
CONFIG_PHYSICAL_START=0x1000000
# CONFIG_KASAN is not set
"""
_LIST = """\
kernel/fs/ext4/ext4.ko.xz: kernel/fs/jbd2/jbd2.ko.xz
kernel/net/netfilter/nf_conntrack.ko:
"""
_WORDS = r"""CONFIG_HZ=|CONFIG_|=|"|y|m|0x|\|ext4.ko|:|/|../|kernel/|1_0|# CONFIG_HZ is not set"""
_EXTERNS = tuple(
    Extern(name, CONFIG, is_weak, byte_size=size)
    for name in ("CONFIG_HZ", "CONFIG_BPF", "CONFIG_CC_VERSION_TEXT", "CONFIG_KASAN")
    for is_weak, size in ((False, 4), (True, 1))
)
_BTF = Btf(SMALL)
mutate = text_mutator(_WORDS)


def seeds() -> list[bytes]:
    return [_TEXT.encode(), _LIST.encode()]


def run(data: bytes) -> None:
    for name in ("modules.dep", "modules.builtin"):
        with open(os.path.join(_TREE, name), "wb") as file:
            file.write(data)
        with suppress(BtfviewError):
            find_module(_KERNEL, "ext4", Machine(path_of("")))
    # Packed as /proc/config.gz is; and the packed bytes themselves damaged as the text is.
    packed = bytearray(gzip.compress(_TEXT.encode(), mtime=0))
    for index, byte in enumerate(data[-8:]):
        packed[10 + (index * 31 + len(data)) % (len(packed) - 10)] ^= byte
    for contents in (gzip.compress(data, 1, mtime=0), bytes(packed), data):
        with open(_CONFIG, "wb") as file:
            file.write(contents)
        try:
            config = read_config(_CONFIG)
        except BtfviewError:
            continue
        kernel = Kernel(_BTF, "6.1.0", config=config)
        for extern in _EXTERNS:
            value = ConfigValue(extern)
            value.answer(kernel)
            value.value(kernel)
