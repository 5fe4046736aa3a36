# ruff: noqa: E501  IR has one node a line
"""LLVM IR for tests of the back end."""

from __future__ import annotations

LAYOUTS = {
    "bpfel": "e-m:e-p:64:64-i64:64-i128:128-n32:64-S128",
    "bpfeb": "E-m:e-p:64:64-i64:64-i128:128-n32:64-S128",
}


def query_ir(triple: str = "bpfel", kind: int = 0) -> str:
    """Return a module with one function, ``query``, that asks for ``pair.second`` by field info *kind*.

    ``pair`` is two 64-bit members, so the local byte offset is 8, size 8, exists 1.
    """
    return f"""
target datalayout = "{LAYOUTS[triple]}"
target triple = "{triple}"
define dso_local i64 @query() section "raw_tp/x" !dbg !9 {{
  %field = call ptr @llvm.preserve.struct.access.index.p0.p0(ptr elementtype(i8) null, i32 1, i32 1), !dbg !12, !llvm.preserve.access.index !4
  %value = call i32 @llvm.bpf.preserve.field.info.p0(ptr %field, i64 {kind}), !dbg !12
  %wide = zext i32 %value to i64, !dbg !12
  ret i64 %wide, !dbg !12
}}
declare ptr @llvm.preserve.struct.access.index.p0.p0(ptr, i32 immarg, i32 immarg)
declare i32 @llvm.bpf.preserve.field.info.p0(ptr, i64 immarg)
!llvm.dbg.cu = !{{!0}}
!llvm.module.flags = !{{!2, !3}}
!0 = distinct !DICompileUnit(language: DW_LANG_Rust, file: !1, isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug)
!1 = !DIFile(filename: "pair.rs", directory: "/src")
!2 = !{{i32 7, !"Dwarf Version", i32 4}}
!3 = !{{i32 2, !"Debug Info Version", i32 3}}
!4 = distinct !DICompositeType(tag: DW_TAG_structure_type, name: "pair", file: !1, line: 1, size: 128, elements: !{{!5, !6}})
!5 = !DIDerivedType(tag: DW_TAG_member, name: "first", scope: !4, file: !1, line: 2, baseType: !7, size: 64, offset: 0)
!6 = !DIDerivedType(tag: DW_TAG_member, name: "second", scope: !4, file: !1, line: 3, baseType: !7, size: 64, offset: 64)
!7 = !DIBasicType(name: "u64", size: 64, encoding: DW_ATE_unsigned)
!9 = distinct !DISubprogram(name: "query", scope: !1, file: !1, line: 5, type: !10, scopeLine: 5, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !0)
!10 = !DISubroutineType(types: !{{!7}})
!12 = !DILocation(line: 6, column: 5, scope: !9)
"""


def slow_ir(functions: int = 100) -> str:
    """Return a module that keeps LLVM busy for some seconds (30 ms a function)."""
    lines = []
    for index in range(functions):
        lines.append(f"define i64 @f{index}(i64 %x) {{")
        last = "%x"
        for step in range(200):
            lines.append(f"  %p{step} = mul i64 {last}, {index * 1000 + step + 3}")
            lines.append(f"  %q{step} = xor i64 %p{step}, %x")
            last = f"%q{step}"
        lines.append(f"  ret i64 {last}\n}}")
    return "\n".join(lines)
