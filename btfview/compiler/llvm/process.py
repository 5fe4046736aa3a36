"""The process that LLVM runs in: once for a cold compile, or warm, forking one child per job.

LLVM's CO-RE pass keeps a static map from a relocation's name to its global
(``BPFAbstractMemberAccess::GEPGlobals``), so a process may compile one module only; and LLVM ends
the process when it does not like a program. So LLVM's code runs in a child that ends with its job.

The warm process has one thread (only then is ``fork`` safe) and never runs a pass itself: it loads
LLVM, then waits on its standard input. It ends when that closes, which happens however the parent
dies, and its children are killed with it.

LLVM may open no file. Its BTF writer would copy the lines of whatever a ``!DIFile`` without ``source:``
names into the object (``BTFDebug::populateFileContent``), be it a secret, a device without end, or a pipe
that nobody writes to.
"""

from __future__ import annotations

import gc
import os
import sys

from btfview.compiler.processes import die_with_parent

from . import protocol
from .bitcode import is_bitcode
from .early_return import has_panics, is_of_rustc, return_early
from .protocol import JobEnd, LlvmJob

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType
    from typing import Any


def main(mode: str) -> None:
    """Serve jobs from standard input: one (*mode* ``once``), or until it closes (``serve``)."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if mode == "once":
        _compile_once()
    else:
        _serve()


def _load_llvm() -> ModuleType:
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    return llvm  # type: ignore[no-any-return]


def _compile_once() -> None:
    die_with_parent(os.getppid())
    llvm = _load_llvm()
    frame = protocol.read_frame(0)
    if frame is None or frame[0] != protocol.JOB:
        os._exit(0)  # the caller found an error before it needed us
    _run_and_exit(llvm, protocol.decode_job(frame[1]))


def _serve() -> None:
    try:
        llvm = _load_llvm()
    except Exception as error:
        protocol.write_all(1, protocol.encode_frame(protocol.FAILED, f"{error}".encode()))
        return
    # The collector would touch, and so copy, every page that a job shares with us.
    gc.collect()
    gc.freeze()
    protocol.write_all(1, protocol.encode_frame(protocol.READY))
    while (frame := protocol.read_frame(0)) is not None:
        tag, payload = frame
        if tag == protocol.CANCEL:  # came too late: that job's end is already on its way
            continue
        end = _fork_job(llvm, protocol.decode_job(payload))
        protocol.write_all(1, protocol.encode_end(end))


def _fork_job(llvm: ModuleType, job: LlvmJob) -> JobEnd:
    """Return how *job* ended in a child of ours."""
    from btfview.compiler.processes import Child, converse

    parent = os.getpid()
    stdout, child_out = os.pipe()
    stderr, child_err = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            die_with_parent(parent)
            os.dup2(child_out, 1)
            os.dup2(child_err, 2)
            os.close(0)
            _run_and_exit(llvm, job)
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
        finally:  # not one line of the parent's loop may run here
            os._exit(70)
    os.close(child_out)
    os.close(child_err)
    # Anything on our standard input while a job runs asks to give it up: a CANCEL, or the
    # end of the parent. The loop reads which of the two it was.
    [end] = converse([(Child(pid, -1, stdout, stderr), b"")], time_limit=job.time_limit, wake_fd=0)
    return JobEnd(end.code, end.stopped or "", end.stdout, end.stderr)


def _run_and_exit(llvm: ModuleType, job: LlvmJob) -> None:
    import signal

    # Ends LLVM wherever it is, and also when nobody is left who waits for it.
    signal.setitimer(signal.ITIMER_REAL, job.time_limit)
    for tag, payload in _run(llvm, job):
        protocol.write_all(1, protocol.encode_frame(tag, payload))
    protocol.write_all(1, protocol.encode_frame(protocol.DONE))
    os._exit(0)  # skips LLVM's clean-up, 5 ms


def _run(llvm: ModuleType, job: LlvmJob) -> Iterator[tuple[bytes, bytes]]:
    """Yield the frames of one compile. llvmlite's exceptions become a REFUSED frame."""
    stage = "parse"
    position = 0
    printed = _print_passes(llvm, job) if "passes" in job.emit else -1
    _open_no_more_files()
    try:
        if job.modules:
            yield protocol.VERSION, ".".join(map(str, llvm.llvm_version_info)).encode()
        module = llvm.parse_assembly(job.ir)
        for number, data in enumerate(job.modules):
            stage, position = "parse module", number
            other = (
                llvm.parse_bitcode(data) if is_bitcode(data) else llvm.parse_assembly(data.decode("utf-8"))
            )
            stage = "link module"
            module.link_in(other)
        if job.modules:
            yield protocol.LINKED, str(module).encode()
        stage = "verify"
        module.verify()
        stage = "compile"
        if printed >= 0:
            protocol.write_all(printed, f"*** IR Dump At Start ***\n{module}\n".encode())
        target = llvm.Target.from_triple(job.triple)
        # Codegen at -O0 would read the relocated offset as an address: wrong code.
        machine = target.create_target_machine(cpu=job.cpu, opt=2)
        if not module.triple:
            module.triple = job.triple
        if not module.data_layout:
            module.data_layout = str(machine.target_data)
        # Only a pass builder that knows the machine runs BPF's CO-RE pass.
        builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=2))
        builder.getModulePassManager().run(module, builder)
        if is_of_rustc(job.ir):
            module = _return_early(llvm, module, machine)
        if "ir-optimized" in job.emit:
            yield protocol.IR_OPTIMIZED, str(module).encode()
        if "asm" in job.emit:  # from a clone: codegen changes the module that it is given
            yield protocol.ASM, machine.emit_assembly(module.clone()).encode()
        yield protocol.OBJECT, machine.emit_object(module)
        if printed >= 0:
            yield protocol.PASSES, os.pread(printed, os.fstat(printed).st_size, 0)
    except Exception as error:
        where = f"{position}\n" if stage.endswith(" module") else ""
        yield protocol.REFUSED, f"{stage}\n{where}{error}".encode("utf-8", "replace")


def _return_early(llvm: ModuleType, module: Any, machine: Any) -> Any:
    """Return the optimised *module* with returns in place of its panics, optimised again."""
    text = str(module)
    if not has_panics(text):
        return module
    module = llvm.parse_assembly(return_early(text))
    module.verify()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=2))
    builder.getModulePassManager().run(module, builder)
    return module


def _open_no_more_files() -> None:
    """Have the kernel refuse every further ``open``, before it looks at the path (EMFILE).

    Names in IR can be written in too many ways to be found in its text, and this holds for whatever else in
    LLVM reads files. Descriptors that are open stay so.
    """
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _print_passes(llvm: ModuleType, job: LlvmJob) -> int:
    """Let LLVM print what each pass changes; return the file that it goes to in place of stderr.

    A pipe would fill up: nobody reads it while LLVM works. LLVM would print the module before the first pass
    itself, but then also a line for each pass over each function that changed nothing.
    """
    llvm.set_option("btfview", "-print-changed=quiet")
    if job.functions:
        llvm.set_option("btfview", f"-filter-print-funcs={','.join(job.functions)}")
    printed = os.memfd_create("passes")
    os.dup2(printed, 2)
    return printed


if __name__ == "__main__":
    main(sys.argv[1])
