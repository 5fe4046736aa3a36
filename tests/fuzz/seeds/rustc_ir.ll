; ModuleID = 'program.ae54959f1683b34d-cgu.0'
source_filename = "program.ae54959f1683b34d-cgu.0"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"

%task_struct = type { i32, [2 x [3 x i32]], [1 x i32], %either }
%either = type { [1 x i64] }

@_RNvNvCseXXjrzcMv2P_7program1__15___BTF_EXTERN_43 = constant ptr @bpf_task_acquire, section ".ksyms", align 8, !dbg !0
@_RNvNvCseXXjrzcMv2P_7programs_1__15___BTF_EXTERN_45 = constant ptr @init_task, section ".ksyms", align 8, !dbg !29
@SINK = global [8 x i8] zeroinitializer, align 8, !dbg !38
@alloc_6ecd65451caab2126d0bace6fa8be1b7 = private unnamed_addr constant [8 x i8] c"prog.rs\00", align 1
@alloc_3a353f8d048c2bc8515f0a873f840b3f = private unnamed_addr constant <{ ptr, [16 x i8] }> <{ ptr @alloc_6ecd65451caab2126d0bace6fa8be1b7, [16 x i8] c"\07\00\00\00\00\00\00\002\00\00\00\05\00\00\00" }>, align 8
@init_task = external global %task_struct
@counts = constant [28 x i8] c"\01\00\00\00\04\00\00\00\08\00\00\00@\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00", section "maps", align 4, !dbg !40
@alloc_4fb4ea3d2662555df39208bce4be632f = private unnamed_addr constant [23 x i8] c"prog.rs\0A56\0A17\0Aboth.half", align 1
@alloc_62a02105c6de37b21434590855cb2c85 = private unnamed_addr constant [24 x i8] c"prog.rs\0A56\0A62\0Aruns[1][2]", align 1
@anon.ce6dc937fc3b62c90c19f342b154e912.0 = private unnamed_addr constant <{ [8 x i8], [8 x i8] }> <{ [8 x i8] zeroinitializer, [8 x i8] undef }>, align 8
@alloc_663574a7fd10f644df3d961e04eb6892 = private unnamed_addr constant [14 x i8] c"prog.rs\0A59\0A55\0A", align 1
@alloc_5b14764d231e831e4517999bc64a7cba = private unnamed_addr constant [17 x i8] c"prog.rs\0A62\0A17\0ALow", align 1
@alloc_31a288b0fa6c794dd7edf923a6f685ea = private unnamed_addr constant [5 x i8] c"three", align 1
@alloc_3cbf325711f1b60d2a1c534a633d5b8b = private unnamed_addr constant <{ ptr, [16 x i8] }> <{ ptr @alloc_6ecd65451caab2126d0bace6fa8be1b7, [16 x i8] c"\07\00\00\00\00\00\00\00@\00\00\00\14\00\00\00" }>, align 8
@llvm.used = appending global [2 x ptr] [ptr @_RNvNvCseXXjrzcMv2P_7program1__15___BTF_EXTERN_43, ptr @_RNvNvCseXXjrzcMv2P_7programs_1__15___BTF_EXTERN_45], section "llvm.metadata"

; __btf__::query::<program::task_struct>
; Function Attrs: noinline nounwind nonlazybind
define noundef i64 @_RINvCs79c5vTbbkKp_7___btf__5queryNtCseXXjrzcMv2P_7program11task_structEBx_(i32 noundef %kind, ptr noundef %what) unnamed_addr #0 !dbg !62 {
start:
  %what.dbg.spill = alloca [8 x i8], align 8
  %kind.dbg.spill = alloca [4 x i8], align 4
  store i32 %kind, ptr %kind.dbg.spill, align 4
    #dbg_declare(ptr %kind.dbg.spill, !69, !DIExpression(), !71)
  store ptr %what, ptr %what.dbg.spill, align 8
    #dbg_declare(ptr %what.dbg.spill, !70, !DIExpression(), !72)
  ret i64 0, !dbg !73
}

; __btf__::query::<program::signed>
; Function Attrs: noinline nounwind nonlazybind
define noundef i64 @_RINvCs79c5vTbbkKp_7___btf__5queryNtCseXXjrzcMv2P_7program6signedEBx_(i32 noundef %kind, ptr noundef %what) unnamed_addr #0 !dbg !74 {
start:
  %what.dbg.spill = alloca [8 x i8], align 8
  %kind.dbg.spill = alloca [4 x i8], align 4
  store i32 %kind, ptr %kind.dbg.spill, align 4
    #dbg_declare(ptr %kind.dbg.spill, !76, !DIExpression(), !80)
  store ptr %what, ptr %what.dbg.spill, align 8
    #dbg_declare(ptr %what.dbg.spill, !77, !DIExpression(), !81)
  ret i64 0, !dbg !82
}

; program::twice::<u64>
; Function Attrs: noinline nounwind nonlazybind
define hidden noundef i64 @_RINvCseXXjrzcMv2P_7program5twiceyEB2_(i64 noundef %value) unnamed_addr #0 !dbg !83 {
start:
  %value.dbg.spill = alloca [8 x i8], align 8
  store i64 %value, ptr %value.dbg.spill, align 8
    #dbg_declare(ptr %value.dbg.spill, !87, !DIExpression(), !90)
; call <u64 as core::ops::arith::Mul>::mul
  %_0 = call noundef i64 @_RNvXs26_NtNtCsgEmfK2I1SDS_4core3ops5arithyNtB6_3Mul3mulCseXXjrzcMv2P_7program(i64 noundef %value, i64 noundef %value, ptr noalias noundef readonly align 8 captures(address, read_provenance) dereferenceable(24) @alloc_3a353f8d048c2bc8515f0a873f840b3f) #9, !dbg !91
  ret i64 %_0, !dbg !92
}

; program::on_exit::{closure#0}
; Function Attrs: inlinehint nounwind nonlazybind
define hidden noundef ptr @_RNCNvCseXXjrzcMv2P_7program7on_exit0B3_(ptr noalias noundef nonnull readonly align 1 captures(address, read_provenance) %_1, ptr noundef %carrier) unnamed_addr #1 !dbg !93 {
start:
  %carrier.dbg.spill = alloca [8 x i8], align 8
  %_1.dbg.spill = alloca [8 x i8], align 8
  store ptr %_1, ptr %_1.dbg.spill, align 8
    #dbg_declare(ptr %_1.dbg.spill, !102, !DIExpression(), !103)
  store ptr %carrier, ptr %carrier.dbg.spill, align 8
    #dbg_declare(ptr %carrier.dbg.spill, !101, !DIExpression(), !104)
  %_0 = getelementptr inbounds i8, ptr %carrier, i64 32, !dbg !105
  ret ptr %_0, !dbg !106
}

; program::on_exit::{closure#2}
; Function Attrs: inlinehint nounwind nonlazybind
define hidden noundef range(i64 -5, 10) i64 @_RNCNvCseXXjrzcMv2P_7program7on_exits0_0B3_(ptr noalias noundef nonnull readonly align 1 captures(address, read_provenance) %_1) unnamed_addr #1 !dbg !107 {
start:
  %_1.dbg.spill = alloca [8 x i8], align 8
  store ptr %_1, ptr %_1.dbg.spill, align 8
    #dbg_declare(ptr %_1.dbg.spill, !113, !DIExpression(), !114)
  ret i64 -5, !dbg !115
}

; program::on_exit::{closure#1}
; Function Attrs: inlinehint nounwind nonlazybind
define hidden noundef ptr @_RNCNvCseXXjrzcMv2P_7program7on_exits_0B3_(ptr noalias noundef nonnull readonly align 1 captures(address, read_provenance) %_1, ptr noundef %carrier) unnamed_addr #1 !dbg !116 {
start:
  %carrier.dbg.spill = alloca [8 x i8], align 8
  %_1.dbg.spill = alloca [8 x i8], align 8
  store ptr %_1, ptr %_1.dbg.spill, align 8
    #dbg_declare(ptr %_1.dbg.spill, !123, !DIExpression(), !124)
  store ptr %carrier, ptr %carrier.dbg.spill, align 8
    #dbg_declare(ptr %carrier.dbg.spill, !122, !DIExpression(), !125)
  %0 = getelementptr inbounds i8, ptr %carrier, i64 4, !dbg !126
  %1 = getelementptr inbounds nuw [3 x i32], ptr %0, i64 1, !dbg !126
  %_0 = getelementptr inbounds nuw i32, ptr %1, i64 2, !dbg !126
  ret ptr %_0, !dbg !127
}

; core::intrinsics::cold_path
; Function Attrs: cold nounwind nonlazybind
define hidden void @_RNvNtCsgEmfK2I1SDS_4core10intrinsics9cold_pathCseXXjrzcMv2P_7program() unnamed_addr #2 !dbg !128 {
start:
  ret void, !dbg !134
}

; <u64 as core::ops::arith::Mul>::mul
; Function Attrs: inlinehint nounwind nonlazybind
define hidden noundef i64 @_RNvXs26_NtNtCsgEmfK2I1SDS_4core3ops5arithyNtB6_3Mul3mulCseXXjrzcMv2P_7program(i64 noundef %self, i64 noundef %other, ptr noalias noundef readonly align 8 captures(address, read_provenance) dereferenceable(24) %0) unnamed_addr #1 !dbg !135 {
start:
  %other.dbg.spill = alloca [8 x i8], align 8
  %self.dbg.spill = alloca [8 x i8], align 8
  store i64 %self, ptr %self.dbg.spill, align 8
    #dbg_declare(ptr %self.dbg.spill, !173, !DIExpression(), !175)
  store i64 %other, ptr %other.dbg.spill, align 8
    #dbg_declare(ptr %other.dbg.spill, !174, !DIExpression(), !176)
  %1 = call { i64, i1 } @llvm.umul.with.overflow.i64(i64 %self, i64 %other), !dbg !177
  %_3.0 = extractvalue { i64, i1 } %1, 0, !dbg !177
  %_3.1 = extractvalue { i64, i1 } %1, 1, !dbg !177
  ret i64 %_3.0, !dbg !178
}

; Function Attrs: nounwind nonlazybind
define noundef i32 @on_exit(ptr noundef %ctx) unnamed_addr #3 section "kprobe/do_exit" !dbg !179 {
start:
  %s.dbg.spill = alloca [16 x i8], align 8
  %product.dbg.spill = alloca [8 x i8], align 8
  %b.dbg.spill = alloca [1 x i8], align 1
  %a.dbg.spill = alloca [8 x i8], align 8
  %self.dbg.spill1 = alloca [8 x i8], align 8
  %more.dbg.spill = alloca [8 x i8], align 8
  %0 = alloca [8 x i8], align 8
  %first.dbg.spill = alloca [8 x i8], align 8
  %self.dbg.spill = alloca [8 x i8], align 8
  %default.dbg.spill = alloca [8 x i8], align 8
  %ctx.dbg.spill = alloca [8 x i8], align 8
  %_15 = alloca [8 x i8], align 8
  %self = alloca [16 x i8], align 8
  %x = alloca [8 x i8], align 8
  store ptr %ctx, ptr %ctx.dbg.spill, align 8
    #dbg_declare(ptr %ctx.dbg.spill, !184, !DIExpression(), !191)
    #dbg_declare(ptr %ctx.dbg.spill, !192, !DIExpression(), !198)
    #dbg_declare(ptr %x, !200, !DIExpression(), !222)
    #dbg_declare(ptr %self, !220, !DIExpression(), !224)
  store i64 7, ptr %default.dbg.spill, align 8, !dbg !225
    #dbg_declare(ptr %default.dbg.spill, !221, !DIExpression(), !225)
  store ptr @init_task, ptr %self.dbg.spill, align 8, !dbg !226
    #dbg_declare(ptr %self.dbg.spill, !234, !DIExpression(), !226)
; call __btf__::query::<program::task_struct>
  %_4 = call noundef i64 @_RINvCs79c5vTbbkKp_7___btf__5queryNtCseXXjrzcMv2P_7program11task_structEBx_(i32 noundef 0, ptr noundef @alloc_4fb4ea3d2662555df39208bce4be632f) #10, !dbg !236
; call __btf__::query::<program::task_struct>
  %_6 = call noundef i64 @_RINvCs79c5vTbbkKp_7___btf__5queryNtCseXXjrzcMv2P_7program11task_structEBx_(i32 noundef 0, ptr noundef @alloc_62a02105c6de37b21434590855cb2c85) #10, !dbg !237
  %first = add i64 %_4, %_6, !dbg !236
  store i64 %first, ptr %first.dbg.spill, align 8, !dbg !236
    #dbg_declare(ptr %first.dbg.spill, !185, !DIExpression(), !238)
  call void @llvm.lifetime.start.p0(ptr %0), !dbg !239
  %1 = load volatile i64, ptr %ctx, align 8, !dbg !239
  store i64 %1, ptr %0, align 8, !dbg !239
  %more = load i64, ptr %0, align 8, !dbg !239, !noundef !28
  call void @llvm.lifetime.end.p0(ptr %0), !dbg !239
  store i64 %more, ptr %more.dbg.spill, align 8, !dbg !239
    #dbg_declare(ptr %more.dbg.spill, !187, !DIExpression(), !240)
    #dbg_declare(ptr %more.dbg.spill, !241, !DIExpression(), !254)
    #dbg_declare(ptr %more.dbg.spill, !256, !DIExpression(), !266)
  call void @llvm.lifetime.start.p0(ptr %x), !dbg !268
  call void @llvm.lifetime.start.p0(ptr %self), !dbg !268
  store i64 %first, ptr %self.dbg.spill1, align 8, !dbg !268
    #dbg_declare(ptr %self.dbg.spill1, !249, !DIExpression(), !269)
    #dbg_declare(ptr %self.dbg.spill1, !265, !DIExpression(), !270)
  %2 = call { i64, i1 } @llvm.umul.with.overflow.i64(i64 %first, i64 %more), !dbg !271
  %_27.0 = extractvalue { i64, i1 } %2, 0, !dbg !271
  %_27.1 = extractvalue { i64, i1 } %2, 1, !dbg !271
  store i64 %_27.0, ptr %a.dbg.spill, align 8, !dbg !272
    #dbg_declare(ptr %a.dbg.spill, !250, !DIExpression(), !273)
  %3 = zext i1 %_27.1 to i8, !dbg !274
  store i8 %3, ptr %b.dbg.spill, align 1, !dbg !274
    #dbg_declare(ptr %b.dbg.spill, !252, !DIExpression(), !275)
    #dbg_declare(ptr %b.dbg.spill, !276, !DIExpression(), !281)
  %4 = call i1 @llvm.expect.i1(i1 %_27.1, i1 false), !dbg !283
  br i1 %4, label %bb14, label %bb16, !dbg !283

bb16:                                             ; preds = %start
  %5 = getelementptr inbounds i8, ptr %self, i64 8, !dbg !284
  store i64 %_27.0, ptr %5, align 8, !dbg !284
  store i64 1, ptr %self, align 8, !dbg !284
  %6 = getelementptr inbounds i8, ptr %self, i64 8, !dbg !285
  %7 = load i64, ptr %6, align 8, !dbg !285, !noundef !28
  store i64 %7, ptr %x, align 8, !dbg !285
  br label %bb17, !dbg !286

bb14:                                             ; preds = %start
  %8 = load i64, ptr @anon.ce6dc937fc3b62c90c19f342b154e912.0, align 8, !dbg !287, !range !288, !noundef !28
  %9 = load i64, ptr getelementptr inbounds (i8, ptr @anon.ce6dc937fc3b62c90c19f342b154e912.0, i64 8), align 8, !dbg !287
  store i64 %8, ptr %self, align 8, !dbg !287
  %10 = getelementptr inbounds i8, ptr %self, i64 8, !dbg !287
  store i64 %9, ptr %10, align 8, !dbg !287
  store i64 7, ptr %x, align 8, !dbg !289
  br label %bb17, !dbg !289

bb17:                                             ; preds = %bb14, %bb16
  call void @llvm.lifetime.end.p0(ptr %self), !dbg !290
; call program::twice::<u64>
  %_12 = call noundef i64 @_RINvCseXXjrzcMv2P_7program5twiceyEB2_(i64 noundef %more) #10, !dbg !291
  %11 = load i64, ptr %x, align 8, !dbg !268, !noundef !28
  %product = add i64 %11, %_12, !dbg !268
  store i64 %product, ptr %product.dbg.spill, align 8, !dbg !268
    #dbg_declare(ptr %product.dbg.spill, !189, !DIExpression(), !292)
  call void @llvm.lifetime.end.p0(ptr %x), !dbg !293
  %_14 = call noundef i64 @bpf_ktime_get_ns() #11, !dbg !294
  %_13 = add i64 %product, %_14, !dbg !295
  call void @llvm.lifetime.start.p0(ptr %_15), !dbg !296
; call __btf__::query::<program::task_struct>
  %_16 = call noundef i64 @_RINvCs79c5vTbbkKp_7___btf__5queryNtCseXXjrzcMv2P_7program11task_structEBx_(i32 noundef 8, ptr noundef @alloc_663574a7fd10f644df3d961e04eb6892) #10, !dbg !297
  %12 = icmp eq i64 %_16, 0, !dbg !297
  br i1 %12, label %bb7, label %bb6, !dbg !297

bb7:                                              ; preds = %bb17
  store i64 0, ptr %_15, align 8, !dbg !298
  br label %bb8, !dbg !296

bb6:                                              ; preds = %bb17
  store i64 1, ptr %_15, align 8, !dbg !299
  br label %bb8, !dbg !296

bb8:                                              ; preds = %bb6, %bb7
  %13 = load i64, ptr %_15, align 8, !dbg !300, !noundef !28
  %14 = add i64 %_13, %13, !dbg !300
  store i64 %14, ptr @SINK, align 8, !dbg !300
  call void @llvm.lifetime.end.p0(ptr %_15), !dbg !301
  %_18 = call noundef ptr @bpf_task_acquire(ptr noundef @init_task) #11, !dbg !302
; call __btf__::query::<program::signed>
  %_22 = call noundef i64 @_RINvCs79c5vTbbkKp_7___btf__5queryNtCseXXjrzcMv2P_7program6signedEBx_(i32 noundef 11, ptr noundef @alloc_5b14764d231e831e4517999bc64a7cba) #10, !dbg !303
  %15 = load i64, ptr @SINK, align 8, !dbg !304, !noundef !28
  %16 = add i64 %15, %_22, !dbg !304
  store i64 %16, ptr @SINK, align 8, !dbg !304
  %17 = icmp eq i64 %more, 3, !dbg !305
  %18 = call i1 @llvm.expect.i1(i1 %17, i1 false), !dbg !305
  br i1 %18, label %bb11, label %bb12, !dbg !305

bb11:                                             ; preds = %bb8
  store ptr @alloc_31a288b0fa6c794dd7edf923a6f685ea, ptr %s.dbg.spill, align 8, !dbg !306
  %19 = getelementptr inbounds i8, ptr %s.dbg.spill, i64 8, !dbg !306
  store i64 5, ptr %19, align 8, !dbg !306
    #dbg_declare(ptr %s.dbg.spill, !307, !DIExpression(), !399)
    #dbg_declare(ptr %s.dbg.spill, !400, !DIExpression(), !408)
    #dbg_declare(ptr %s.dbg.spill, !410, !DIExpression(), !415)
    #dbg_declare(ptr %s.dbg.spill, !417, !DIExpression(), !426)
  call void @llvm.assume(i1 true), !dbg !428
  %20 = icmp ne ptr inttoptr (i64 11 to ptr), null, !dbg !429
  call void @llvm.assume(i1 %20), !dbg !429
; call core::panicking::panic_fmt
  call void @_RNvNtCsgEmfK2I1SDS_4core9panicking9panic_fmt(ptr noundef nonnull @alloc_31a288b0fa6c794dd7edf923a6f685ea, ptr noundef nonnull inttoptr (i64 11 to ptr), ptr noalias noundef readonly align 8 captures(address, read_provenance) dereferenceable(24) @alloc_3cbf325711f1b60d2a1c534a633d5b8b) #12, !dbg !306
  unreachable, !dbg !306

bb12:                                             ; preds = %bb8
  ret i32 0, !dbg !430
}

; Function Attrs: nounwind nonlazybind
declare noundef ptr @bpf_task_acquire(ptr noundef) unnamed_addr #3

; Function Attrs: nocallback nocreateundeforpoison nofree nosync nounwind speculatable willreturn memory(none)
declare { i64, i1 } @llvm.umul.with.overflow.i64(i64, i64) #4

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.start.p0(ptr captures(none)) #5

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.end.p0(ptr captures(none)) #5

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(none)
declare i1 @llvm.expect.i1(i1, i1) #6

; Function Attrs: nounwind nonlazybind
declare noundef i64 @bpf_ktime_get_ns() unnamed_addr #3

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: write)
declare void @llvm.assume(i1 noundef) #7

; core::panicking::panic_fmt
; Function Attrs: cold noinline noreturn nounwind nonlazybind
declare void @_RNvNtCsgEmfK2I1SDS_4core9panicking9panic_fmt(ptr noundef nonnull, ptr noundef nonnull, ptr noalias noundef readonly align 8 captures(address, read_provenance) dereferenceable(24)) unnamed_addr #8

attributes #0 = { noinline nounwind nonlazybind "probe-stack"="inline-asm" "target-cpu"="x86-64" }
attributes #1 = { inlinehint nounwind nonlazybind "probe-stack"="inline-asm" "target-cpu"="x86-64" }
attributes #2 = { cold nounwind nonlazybind "probe-stack"="inline-asm" "target-cpu"="x86-64" }
attributes #3 = { nounwind nonlazybind "probe-stack"="inline-asm" "target-cpu"="x86-64" }
attributes #4 = { nocallback nocreateundeforpoison nofree nosync nounwind speculatable willreturn memory(none) }
attributes #5 = { nocallback nofree nosync nounwind willreturn memory(argmem: readwrite) }
attributes #6 = { nocallback nofree nosync nounwind willreturn memory(none) }
attributes #7 = { nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: write) }
attributes #8 = { cold noinline noreturn nounwind nonlazybind "probe-stack"="inline-asm" "target-cpu"="x86-64" }
attributes #9 = { inlinehint nounwind }
attributes #10 = { noinline nounwind }
attributes #11 = { nounwind }
attributes #12 = { noinline noreturn nounwind }

!llvm.module.flags = !{!48, !49, !50, !51}
!llvm.ident = !{!52}
!llvm.dbg.cu = !{!53}

!0 = !DIGlobalVariableExpression(var: !1, expr: !DIExpression())
!1 = distinct !DIGlobalVariable(name: "__BTF_EXTERN_43", linkageName: "_RNvNvCseXXjrzcMv2P_7program1__15___BTF_EXTERN_43", scope: !2, file: !4, line: 46, type: !5, isLocal: false, isDefinition: true, align: 64)
!2 = !DINamespace(name: "_", scope: !3)
!3 = !DINamespace(name: "program", scope: null)
!4 = !DIFile(filename: "prog.rs", directory: "", checksumkind: CSK_MD5, checksum: "13a5dd07699ada2e6bd86e3520a76ffc")
!5 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "unsafe extern \22C\22 fn(*mut program::task_struct) -> *mut program::task_struct", baseType: !6, size: 64, align: 64, dwarfAddressSpace: 0)
!6 = !DISubroutineType(types: !7)
!7 = !{!8, !8}
!8 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "*mut program::task_struct", baseType: !9, size: 64, align: 64, dwarfAddressSpace: 0)
!9 = !DICompositeType(tag: DW_TAG_structure_type, name: "task_struct", scope: !3, file: !10, size: 320, align: 64, flags: DIFlagPublic, elements: !11, templateParams: !28, identifier: "864114f1f4f1adadb4475c6562a27431")
!10 = !DIFile(filename: "<unknown>", directory: "")
!11 = !{!12, !14, !22}
!12 = !DIDerivedType(tag: DW_TAG_member, name: "pid", scope: !9, file: !10, baseType: !13, size: 32, align: 32, flags: DIFlagPrivate)
!13 = !DIBasicType(name: "i32", size: 32, encoding: DW_ATE_signed)
!14 = !DIDerivedType(tag: DW_TAG_member, name: "runs", scope: !9, file: !10, baseType: !15, size: 192, align: 32, offset: 32, flags: DIFlagPrivate)
!15 = !DICompositeType(tag: DW_TAG_array_type, baseType: !16, size: 192, align: 32, elements: !20)
!16 = !DICompositeType(tag: DW_TAG_array_type, baseType: !17, size: 96, align: 32, elements: !18)
!17 = !DIBasicType(name: "u32", size: 32, encoding: DW_ATE_unsigned)
!18 = !{!19}
!19 = !DISubrange(count: 3, lowerBound: 0)
!20 = !{!21}
!21 = !DISubrange(count: 2, lowerBound: 0)
!22 = !DIDerivedType(tag: DW_TAG_member, name: "both", scope: !9, file: !10, baseType: !23, size: 64, align: 64, offset: 256, flags: DIFlagPrivate)
!23 = !DICompositeType(tag: DW_TAG_union_type, name: "either", scope: !3, file: !10, size: 64, align: 64, elements: !24, templateParams: !28, identifier: "92f520ffa8fec6d2d21443040c7e2fb5")
!24 = !{!25, !27}
!25 = !DIDerivedType(tag: DW_TAG_member, name: "word", scope: !23, file: !10, baseType: !26, size: 64, align: 64)
!26 = !DIBasicType(name: "u64", size: 64, encoding: DW_ATE_unsigned)
!27 = !DIDerivedType(tag: DW_TAG_member, name: "half", scope: !23, file: !10, baseType: !17, size: 32, align: 32)
!28 = !{}
!29 = !DIGlobalVariableExpression(var: !30, expr: !DIExpression())
!30 = distinct !DIGlobalVariable(name: "__BTF_EXTERN_45", linkageName: "_RNvNvCseXXjrzcMv2P_7programs_1__15___BTF_EXTERN_45", scope: !2, file: !4, line: 46, type: !31, isLocal: false, isDefinition: true, align: 64)
!31 = !DICompositeType(tag: DW_TAG_structure_type, name: "Extern<program::task_struct>", scope: !32, file: !10, size: 64, align: 64, flags: DIFlagPublic, elements: !33, templateParams: !36, identifier: "5ea1fe7479fc3585efbef6d1c4590094")
!32 = !DINamespace(name: "__btf__", scope: null)
!33 = !{!34}
!34 = !DIDerivedType(tag: DW_TAG_member, name: "__0", scope: !31, file: !10, baseType: !35, size: 64, align: 64, flags: DIFlagPublic)
!35 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "*const program::task_struct", baseType: !9, size: 64, align: 64, dwarfAddressSpace: 0)
!36 = !{!37}
!37 = !DITemplateTypeParameter(name: "T", type: !9)
!38 = !DIGlobalVariableExpression(var: !39, expr: !DIExpression())
!39 = distinct !DIGlobalVariable(name: "SINK", scope: !3, file: !4, line: 38, type: !26, isLocal: false, isDefinition: true, align: 64)
!40 = !DIGlobalVariableExpression(var: !41, expr: !DIExpression())
!41 = distinct !DIGlobalVariable(name: "counts", scope: !3, file: !4, line: 35, type: !42, isLocal: false, isDefinition: true, align: 32)
!42 = !DICompositeType(tag: DW_TAG_structure_type, name: "bpf_map_def", scope: !3, file: !10, size: 224, align: 32, flags: DIFlagPublic, elements: !43, templateParams: !28, identifier: "88c13d5c4558514c6698ccfcd74ae9d2")
!43 = !{!44}
!44 = !DIDerivedType(tag: DW_TAG_member, name: "numbers", scope: !42, file: !10, baseType: !45, size: 224, align: 32, flags: DIFlagPrivate)
!45 = !DICompositeType(tag: DW_TAG_array_type, baseType: !17, size: 224, align: 32, elements: !46)
!46 = !{!47}
!47 = !DISubrange(count: 7, lowerBound: 0)
!48 = !{i32 8, !"PIC Level", i32 2}
!49 = !{i32 2, !"RtLibUseGOT", i32 1}
!50 = !{i32 7, !"Dwarf Version", i32 4}
!51 = !{i32 2, !"Debug Info Version", i32 3}
!52 = !{!"rustc version 1.95.0 (59807616e 2026-04-14)"}
!53 = distinct !DICompileUnit(language: DW_LANG_Rust, file: !54, producer: "clang LLVM (rustc version 1.95.0 (59807616e 2026-04-14))", isOptimized: true, runtimeVersion: 0, emissionKind: FullDebug, enums: !55, globals: !61, splitDebugInlining: false, nameTableKind: None)
!54 = !DIFile(filename: "prog.rs/@/program.ae54959f1683b34d-cgu.0", directory: ".")
!55 = !{!56}
!56 = !DICompositeType(tag: DW_TAG_enumeration_type, name: "signed", scope: !3, file: !10, baseType: !57, size: 64, align: 64, flags: DIFlagEnumClass, elements: !58)
!57 = !DIBasicType(name: "i64", size: 64, encoding: DW_ATE_signed)
!58 = !{!59, !60}
!59 = !DIEnumerator(name: "Low", value: -5)
!60 = !DIEnumerator(name: "High", value: 9)
!61 = !{!38, !0, !29, !40}
!62 = distinct !DISubprogram(name: "query<program::task_struct>", linkageName: "_RINvCs79c5vTbbkKp_7___btf__5queryNtCseXXjrzcMv2P_7program11task_structEBx_", scope: !32, file: !63, line: 10, type: !64, scopeLine: 10, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !36, retainedNodes: !68)
!63 = !DIFile(filename: "__btf__.rs", directory: "", checksumkind: CSK_MD5, checksum: "6124095a203d53fef9c449dd1259dc88")
!64 = !DISubroutineType(types: !65)
!65 = !{!26, !17, !66}
!66 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "*const u8", baseType: !67, size: 64, align: 64, dwarfAddressSpace: 0)
!67 = !DIBasicType(name: "u8", size: 8, encoding: DW_ATE_unsigned)
!68 = !{!69, !70}
!69 = !DILocalVariable(name: "kind", arg: 1, scope: !62, file: !63, line: 10, type: !17)
!70 = !DILocalVariable(name: "what", arg: 2, scope: !62, file: !63, line: 10, type: !66)
!71 = !DILocation(line: 10, column: 25, scope: !62)
!72 = !DILocation(line: 10, column: 36, scope: !62)
!73 = !DILocation(line: 13, column: 2, scope: !62)
!74 = distinct !DISubprogram(name: "query<program::signed>", linkageName: "_RINvCs79c5vTbbkKp_7___btf__5queryNtCseXXjrzcMv2P_7program6signedEBx_", scope: !32, file: !63, line: 10, type: !64, scopeLine: 10, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !78, retainedNodes: !75)
!75 = !{!76, !77}
!76 = !DILocalVariable(name: "kind", arg: 1, scope: !74, file: !63, line: 10, type: !17)
!77 = !DILocalVariable(name: "what", arg: 2, scope: !74, file: !63, line: 10, type: !66)
!78 = !{!79}
!79 = !DITemplateTypeParameter(name: "T", type: !56)
!80 = !DILocation(line: 10, column: 25, scope: !74)
!81 = !DILocation(line: 10, column: 36, scope: !74)
!82 = !DILocation(line: 13, column: 2, scope: !74)
!83 = distinct !DISubprogram(name: "twice<u64>", linkageName: "_RINvCseXXjrzcMv2P_7program5twiceyEB2_", scope: !3, file: !4, line: 49, type: !84, scopeLine: 49, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !88, retainedNodes: !86)
!84 = !DISubroutineType(types: !85)
!85 = !{!26, !26}
!86 = !{!87}
!87 = !DILocalVariable(name: "value", arg: 1, scope: !83, file: !4, line: 49, type: !26)
!88 = !{!89}
!89 = !DITemplateTypeParameter(name: "T", type: !26)
!90 = !DILocation(line: 49, column: 48, scope: !83)
!91 = !DILocation(line: 50, column: 5, scope: !83)
!92 = !DILocation(line: 51, column: 2, scope: !83)
!93 = distinct !DISubprogram(name: "{closure#0}", linkageName: "_RNCNvCseXXjrzcMv2P_7program7on_exit0B3_", scope: !94, file: !63, line: 75, type: !95, scopeLine: 75, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !28, retainedNodes: !100)
!94 = !DINamespace(name: "on_exit", scope: !3)
!95 = !DISubroutineType(types: !96)
!96 = !{!97, !98, !35}
!97 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "*const u32", baseType: !17, size: 64, align: 64, dwarfAddressSpace: 0)
!98 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "&program::on_exit::{closure_env#0}", baseType: !99, size: 64, align: 64, dwarfAddressSpace: 0)
!99 = !DICompositeType(tag: DW_TAG_structure_type, name: "{closure_env#0}", scope: !94, file: !10, align: 8, elements: !28, identifier: "1ce1c5a300e8b7888b8f67008c4903fe")
!100 = !{!101, !102}
!101 = !DILocalVariable(name: "carrier", arg: 2, scope: !93, file: !63, line: 75, type: !35)
!102 = !DILocalVariable(arg: 1, scope: !93, file: !63, line: 75, type: !98)
!103 = !DILocation(line: 75, column: 17, scope: !93)
!104 = !DILocation(line: 75, column: 18, scope: !93)
!105 = !DILocation(line: 75, column: 55, scope: !93)
!106 = !DILocation(line: 75, column: 90, scope: !93)
!107 = distinct !DISubprogram(name: "{closure#2}", linkageName: "_RNCNvCseXXjrzcMv2P_7program7on_exits0_0B3_", scope: !94, file: !63, line: 201, type: !108, scopeLine: 201, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !28, retainedNodes: !112)
!108 = !DISubroutineType(types: !109)
!109 = !{!56, !110}
!110 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "&program::on_exit::{closure_env#2}", baseType: !111, size: 64, align: 64, dwarfAddressSpace: 0)
!111 = !DICompositeType(tag: DW_TAG_structure_type, name: "{closure_env#2}", scope: !94, file: !10, align: 8, elements: !28, identifier: "5e8360a97ac684cce6d55baa415151c2")
!112 = !{!113}
!113 = !DILocalVariable(arg: 1, scope: !107, file: !63, line: 201, type: !110)
!114 = !DILocation(line: 201, column: 17, scope: !107)
!115 = !DILocation(line: 201, column: 37, scope: !107)
!116 = distinct !DISubprogram(name: "{closure#1}", linkageName: "_RNCNvCseXXjrzcMv2P_7program7on_exits_0B3_", scope: !94, file: !63, line: 75, type: !117, scopeLine: 75, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !28, retainedNodes: !121)
!117 = !DISubroutineType(types: !118)
!118 = !{!97, !119, !35}
!119 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "&program::on_exit::{closure_env#1}", baseType: !120, size: 64, align: 64, dwarfAddressSpace: 0)
!120 = !DICompositeType(tag: DW_TAG_structure_type, name: "{closure_env#1}", scope: !94, file: !10, align: 8, elements: !28, identifier: "e002a490e86b468a70f8c43c09bb9565")
!121 = !{!122, !123}
!122 = !DILocalVariable(name: "carrier", arg: 2, scope: !116, file: !63, line: 75, type: !35)
!123 = !DILocalVariable(arg: 1, scope: !116, file: !63, line: 75, type: !119)
!124 = !DILocation(line: 75, column: 17, scope: !116)
!125 = !DILocation(line: 75, column: 18, scope: !116)
!126 = !DILocation(line: 75, column: 55, scope: !116)
!127 = !DILocation(line: 75, column: 90, scope: !116)
!128 = distinct !DISubprogram(name: "cold_path", linkageName: "_RNvNtCsgEmfK2I1SDS_4core10intrinsics9cold_pathCseXXjrzcMv2P_7program", scope: !130, file: !129, line: 417, type: !132, scopeLine: 417, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !28)
!129 = !DIFile(filename: "library/core/src/intrinsics/mod.rs", directory: "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860", checksumkind: CSK_MD5, checksum: "b1b7915c1b8b57766c20270acae549ce")
!130 = !DINamespace(name: "intrinsics", scope: !131)
!131 = !DINamespace(name: "core", scope: null)
!132 = !DISubroutineType(types: !133)
!133 = !{null}
!134 = !DILocation(line: 417, column: 28, scope: !128)
!135 = distinct !DISubprogram(name: "mul", linkageName: "_RNvXs26_NtNtCsgEmfK2I1SDS_4core3ops5arithyNtB6_3Mul3mulCseXXjrzcMv2P_7program", scope: !137, file: !136, line: 352, type: !140, scopeLine: 352, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !28, retainedNodes: !172)
!136 = !DIFile(filename: "library/core/src/ops/arith.rs", directory: "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860", checksumkind: CSK_MD5, checksum: "82a843efd6957c9872d7564e4a5df756")
!137 = !DINamespace(name: "{impl#132}", scope: !138)
!138 = !DINamespace(name: "arith", scope: !139)
!139 = !DINamespace(name: "ops", scope: !131)
!140 = !DISubroutineType(types: !141)
!141 = !{!26, !26, !26, !142}
!142 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "&core::panic::location::Location", baseType: !143, size: 64, align: 64, dwarfAddressSpace: 0)
!143 = !DICompositeType(tag: DW_TAG_structure_type, name: "Location", scope: !144, file: !10, size: 192, align: 64, flags: DIFlagPublic, elements: !146, templateParams: !28, identifier: "c23b7de1297af8f4a89df3da49f37ee6")
!144 = !DINamespace(name: "location", scope: !145)
!145 = !DINamespace(name: "panic", scope: !131)
!146 = !{!147, !161, !162, !163}
!147 = !DIDerivedType(tag: DW_TAG_member, name: "filename", scope: !143, file: !10, baseType: !148, size: 128, align: 64, flags: DIFlagPrivate)
!148 = !DICompositeType(tag: DW_TAG_structure_type, name: "NonNull<str>", scope: !149, file: !10, size: 128, align: 64, flags: DIFlagPublic, elements: !151, templateParams: !159, identifier: "cc7383b2ce73f6838bfb6ae828fb6ae6")
!149 = !DINamespace(name: "non_null", scope: !150)
!150 = !DINamespace(name: "ptr", scope: !131)
!151 = !{!152}
!152 = !DIDerivedType(tag: DW_TAG_member, name: "pointer", scope: !148, file: !10, baseType: !153, size: 128, align: 64, flags: DIFlagPrivate)
!153 = !DICompositeType(tag: DW_TAG_structure_type, name: "*const str", file: !10, size: 128, align: 64, elements: !154, templateParams: !28, identifier: "238a44609877474087c05adf26cd41fa")
!154 = !{!155, !157}
!155 = !DIDerivedType(tag: DW_TAG_member, name: "data_ptr", scope: !153, file: !10, baseType: !156, size: 64, align: 64)
!156 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !67, size: 64, align: 64, dwarfAddressSpace: 0)
!157 = !DIDerivedType(tag: DW_TAG_member, name: "length", scope: !153, file: !10, baseType: !158, size: 64, align: 64, offset: 64)
!158 = !DIBasicType(name: "usize", size: 64, encoding: DW_ATE_unsigned)
!159 = !{!160}
!160 = !DITemplateTypeParameter(name: "T", type: !67)
!161 = !DIDerivedType(tag: DW_TAG_member, name: "line", scope: !143, file: !10, baseType: !17, size: 32, align: 32, offset: 128, flags: DIFlagPrivate)
!162 = !DIDerivedType(tag: DW_TAG_member, name: "col", scope: !143, file: !10, baseType: !17, size: 32, align: 32, offset: 160, flags: DIFlagPrivate)
!163 = !DIDerivedType(tag: DW_TAG_member, name: "_filename", scope: !143, file: !10, baseType: !164, align: 8, offset: 192, flags: DIFlagPrivate)
!164 = !DICompositeType(tag: DW_TAG_structure_type, name: "PhantomData<&str>", scope: !165, file: !10, align: 8, flags: DIFlagPublic, elements: !28, templateParams: !166, identifier: "e16ac355808b6aef9fb50b5f125fee05")
!165 = !DINamespace(name: "marker", scope: !131)
!166 = !{!167}
!167 = !DITemplateTypeParameter(name: "T", type: !168)
!168 = !DICompositeType(tag: DW_TAG_structure_type, name: "&str", file: !10, size: 128, align: 64, elements: !169, templateParams: !28, identifier: "9277eecd40495f85161460476aacc992")
!169 = !{!170, !171}
!170 = !DIDerivedType(tag: DW_TAG_member, name: "data_ptr", scope: !168, file: !10, baseType: !156, size: 64, align: 64)
!171 = !DIDerivedType(tag: DW_TAG_member, name: "length", scope: !168, file: !10, baseType: !158, size: 64, align: 64, offset: 64)
!172 = !{!173, !174}
!173 = !DILocalVariable(name: "self", arg: 1, scope: !135, file: !136, line: 352, type: !26)
!174 = !DILocalVariable(name: "other", arg: 2, scope: !135, file: !136, line: 352, type: !26)
!175 = !DILocation(line: 352, column: 20, scope: !135)
!176 = !DILocation(line: 352, column: 26, scope: !135)
!177 = !DILocation(line: 352, column: 45, scope: !135)
!178 = !DILocation(line: 352, column: 59, scope: !135)
!179 = distinct !DISubprogram(name: "on_exit", scope: !3, file: !4, line: 55, type: !180, scopeLine: 55, flags: DIFlagPrototyped, spFlags: DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !28, retainedNodes: !183)
!180 = !DISubroutineType(types: !181)
!181 = !{!13, !182}
!182 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "*const u64", baseType: !26, size: 64, align: 64, dwarfAddressSpace: 0)
!183 = !{!184, !185, !187, !189}
!184 = !DILocalVariable(name: "ctx", arg: 1, scope: !179, file: !4, line: 55, type: !182)
!185 = !DILocalVariable(name: "first", scope: !186, file: !4, line: 56, type: !158, align: 64)
!186 = distinct !DILexicalBlock(scope: !179, file: !4, line: 56, column: 5)
!187 = !DILocalVariable(name: "more", scope: !188, file: !4, line: 57, type: !26, align: 64)
!188 = distinct !DILexicalBlock(scope: !186, file: !4, line: 57, column: 5)
!189 = !DILocalVariable(name: "product", scope: !190, file: !4, line: 58, type: !26, align: 64)
!190 = distinct !DILexicalBlock(scope: !188, file: !4, line: 58, column: 5)
!191 = !DILocation(line: 55, column: 27, scope: !179)
!192 = !DILocalVariable(name: "src", arg: 1, scope: !193, file: !194, line: 2080, type: !182)
!193 = distinct !DISubprogram(name: "read_volatile<u64>", linkageName: "_RINvNtCsgEmfK2I1SDS_4core3ptr13read_volatileyECseXXjrzcMv2P_7program", scope: !150, file: !194, line: 2080, type: !195, scopeLine: 2080, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !88, retainedNodes: !197)
!194 = !DIFile(filename: "library/core/src/ptr/mod.rs", directory: "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860", checksumkind: CSK_MD5, checksum: "8f706ae0a0620120e6e931983ef127f1")
!195 = !DISubroutineType(types: !196)
!196 = !{!26, !182, !142}
!197 = !{!192}
!198 = !DILocation(line: 2080, column: 32, scope: !193, inlinedAt: !199)
!199 = !DILocation(line: 57, column: 25, scope: !186)
!200 = !DILocalVariable(name: "x", scope: !201, file: !202, line: 1043, type: !26, align: 64)
!201 = distinct !DILexicalBlock(scope: !203, file: !202, line: 1043, column: 13)
!202 = !DIFile(filename: "library/core/src/option.rs", directory: "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860", checksumkind: CSK_MD5, checksum: "3f12dd837a95e960b90752f70f5ddc0e")
!203 = distinct !DISubprogram(name: "unwrap_or<u64>", linkageName: "_RNvMNtCsgEmfK2I1SDS_4core6optionINtB2_6OptionyE9unwrap_orCseXXjrzcMv2P_7program", scope: !204, file: !202, line: 1038, type: !216, scopeLine: 1038, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !88, declaration: !218, retainedNodes: !219)
!204 = !DICompositeType(tag: DW_TAG_structure_type, name: "Option<u64>", scope: !205, file: !10, size: 128, align: 64, flags: DIFlagPublic, elements: !206, templateParams: !28, identifier: "5df48e78344d287b1aa2beff979690a1")
!205 = !DINamespace(name: "option", scope: !131)
!206 = !{!207}
!207 = !DICompositeType(tag: DW_TAG_variant_part, scope: !204, file: !10, size: 128, align: 64, elements: !208, templateParams: !28, identifier: "da17d114a1834722a5f601c2025b5dcb", discriminator: !215)
!208 = !{!209, !211}
!209 = !DIDerivedType(tag: DW_TAG_member, name: "None", scope: !207, file: !10, baseType: !210, size: 128, align: 64, extraData: i64 0)
!210 = !DICompositeType(tag: DW_TAG_structure_type, name: "None", scope: !204, file: !10, size: 128, align: 64, flags: DIFlagPublic, elements: !28, templateParams: !88, identifier: "256b60841e0fc6362895d4ec6d413175")
!211 = !DIDerivedType(tag: DW_TAG_member, name: "Some", scope: !207, file: !10, baseType: !212, size: 128, align: 64, extraData: i64 1)
!212 = !DICompositeType(tag: DW_TAG_structure_type, name: "Some", scope: !204, file: !10, size: 128, align: 64, flags: DIFlagPublic, elements: !213, templateParams: !88, identifier: "3208af99933a2c8c23fde6905b1cbd11")
!213 = !{!214}
!214 = !DIDerivedType(tag: DW_TAG_member, name: "__0", scope: !212, file: !10, baseType: !26, size: 64, align: 64, offset: 64, flags: DIFlagPublic)
!215 = !DIDerivedType(tag: DW_TAG_member, scope: !204, file: !10, baseType: !26, size: 64, align: 64, flags: DIFlagArtificial)
!216 = !DISubroutineType(types: !217)
!217 = !{!26, !204, !26}
!218 = !DISubprogram(name: "unwrap_or<u64>", linkageName: "_RNvMNtCsgEmfK2I1SDS_4core6optionINtB2_6OptionyE9unwrap_orCseXXjrzcMv2P_7program", scope: !204, file: !202, line: 1038, type: !216, scopeLine: 1038, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagOptimized, templateParams: !88)
!219 = !{!220, !221, !200}
!220 = !DILocalVariable(name: "self", arg: 1, scope: !203, file: !202, line: 1038, type: !204)
!221 = !DILocalVariable(name: "default", scope: !203, file: !202, line: 1038, type: !26, align: 64)
!222 = !DILocation(line: 1043, column: 18, scope: !201, inlinedAt: !223)
!223 = !DILocation(line: 58, column: 52, scope: !188)
!224 = !DILocation(line: 1038, column: 28, scope: !203, inlinedAt: !223)
!225 = !DILocation(line: 1038, column: 34, scope: !203, inlinedAt: !223)
!226 = !DILocation(line: 145, column: 27, scope: !227, inlinedAt: !235)
!227 = distinct !DISubprogram(name: "cast_mut<program::task_struct>", linkageName: "_RNvMNtNtCsgEmfK2I1SDS_4core3ptr9const_ptrPNtCseXXjrzcMv2P_7program11task_struct8cast_mutBG_", scope: !229, file: !228, line: 145, type: !231, scopeLine: 145, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !36, retainedNodes: !233)
!228 = !DIFile(filename: "library/core/src/ptr/const_ptr.rs", directory: "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860", checksumkind: CSK_MD5, checksum: "48638a38fe414ca30cde797e4a40b3a9")
!229 = !DINamespace(name: "{impl#0}", scope: !230)
!230 = !DINamespace(name: "const_ptr", scope: !150)
!231 = !DISubroutineType(types: !232)
!232 = !{!8, !35}
!233 = !{!234}
!234 = !DILocalVariable(name: "self", scope: !227, file: !228, line: 145, type: !35, align: 64)
!235 = !DILocation(line: 61, column: 49, scope: !190)
!236 = !DILocation(line: 56, column: 17, scope: !179)
!237 = !DILocation(line: 56, column: 62, scope: !179)
!238 = !DILocation(line: 56, column: 9, scope: !186)
!239 = !DILocation(line: 2091, column: 9, scope: !193, inlinedAt: !199)
!240 = !DILocation(line: 57, column: 9, scope: !188)
!241 = !DILocalVariable(name: "rhs", arg: 2, scope: !242, file: !243, line: 1160, type: !26)
!242 = distinct !DISubprogram(name: "checked_mul", linkageName: "_RNvMs7_NtCsgEmfK2I1SDS_4core3numy11checked_mulCseXXjrzcMv2P_7program", scope: !244, file: !243, line: 1160, type: !246, scopeLine: 1160, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !28, retainedNodes: !248)
!243 = !DIFile(filename: "library/core/src/num/uint_macros.rs", directory: "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860", checksumkind: CSK_MD5, checksum: "de2f29a3485fc28d710ba6c3062e6efa")
!244 = !DINamespace(name: "{impl#9}", scope: !245)
!245 = !DINamespace(name: "num", scope: !131)
!246 = !DISubroutineType(types: !247)
!247 = !{!204, !26, !26}
!248 = !{!249, !241, !250, !252}
!249 = !DILocalVariable(name: "self", arg: 1, scope: !242, file: !243, line: 1160, type: !26)
!250 = !DILocalVariable(name: "a", scope: !251, file: !243, line: 1161, type: !26, align: 64)
!251 = distinct !DILexicalBlock(scope: !242, file: !243, line: 1161, column: 13)
!252 = !DILocalVariable(name: "b", scope: !251, file: !243, line: 1161, type: !253, align: 8)
!253 = !DIBasicType(name: "bool", size: 8, encoding: DW_ATE_boolean)
!254 = !DILocation(line: 1160, column: 40, scope: !242, inlinedAt: !255)
!255 = !DILocation(line: 58, column: 34, scope: !188)
!256 = !DILocalVariable(name: "rhs", arg: 2, scope: !257, file: !243, line: 3050, type: !26)
!257 = distinct !DISubprogram(name: "overflowing_mul", linkageName: "_RNvMs7_NtCsgEmfK2I1SDS_4core3numy15overflowing_mulCseXXjrzcMv2P_7program", scope: !244, file: !243, line: 3050, type: !258, scopeLine: 3050, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !28, retainedNodes: !264)
!258 = !DISubroutineType(types: !259)
!259 = !{!260, !26, !26}
!260 = !DICompositeType(tag: DW_TAG_structure_type, name: "(u64, bool)", file: !10, size: 128, align: 64, elements: !261, templateParams: !28, identifier: "9e8deed232eb6ae0c80d1ba9c2f22773")
!261 = !{!262, !263}
!262 = !DIDerivedType(tag: DW_TAG_member, name: "__0", scope: !260, file: !10, baseType: !26, size: 64, align: 64)
!263 = !DIDerivedType(tag: DW_TAG_member, name: "__1", scope: !260, file: !10, baseType: !253, size: 8, align: 8, offset: 64)
!264 = !{!265, !256}
!265 = !DILocalVariable(name: "self", arg: 1, scope: !257, file: !243, line: 3050, type: !26)
!266 = !DILocation(line: 3050, column: 44, scope: !257, inlinedAt: !267)
!267 = !DILocation(line: 1161, column: 31, scope: !242, inlinedAt: !255)
!268 = !DILocation(line: 58, column: 19, scope: !188)
!269 = !DILocation(line: 1160, column: 34, scope: !242, inlinedAt: !255)
!270 = !DILocation(line: 3050, column: 38, scope: !257, inlinedAt: !267)
!271 = !DILocation(line: 3051, column: 26, scope: !257, inlinedAt: !267)
!272 = !DILocation(line: 1161, column: 18, scope: !242, inlinedAt: !255)
!273 = !DILocation(line: 1161, column: 18, scope: !251, inlinedAt: !255)
!274 = !DILocation(line: 1161, column: 21, scope: !242, inlinedAt: !255)
!275 = !DILocation(line: 1161, column: 21, scope: !251, inlinedAt: !255)
!276 = !DILocalVariable(name: "b", arg: 1, scope: !277, file: !129, line: 456, type: !253)
!277 = distinct !DISubprogram(name: "unlikely", linkageName: "_RNvNtCsgEmfK2I1SDS_4core10intrinsics8unlikelyCseXXjrzcMv2P_7program", scope: !130, file: !129, line: 456, type: !278, scopeLine: 456, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !28, retainedNodes: !280)
!278 = !DISubroutineType(types: !279)
!279 = !{!253, !253}
!280 = !{!276}
!281 = !DILocation(line: 456, column: 23, scope: !277, inlinedAt: !282)
!282 = !DILocation(line: 1162, column: 16, scope: !251, inlinedAt: !255)
!283 = !DILocation(line: 457, column: 8, scope: !277, inlinedAt: !282)
!284 = !DILocation(line: 1162, column: 56, scope: !251, inlinedAt: !255)
!285 = !DILocation(line: 1043, column: 18, scope: !203, inlinedAt: !223)
!286 = !DILocation(line: 1046, column: 5, scope: !203, inlinedAt: !223)
!287 = !DILocation(line: 1162, column: 42, scope: !251, inlinedAt: !255)
!288 = !{i64 0, i64 2}
!289 = !DILocation(line: 1044, column: 21, scope: !203, inlinedAt: !223)
!290 = !DILocation(line: 58, column: 63, scope: !188)
!291 = !DILocation(line: 58, column: 67, scope: !188)
!292 = !DILocation(line: 58, column: 9, scope: !190)
!293 = !DILocation(line: 58, column: 77, scope: !188)
!294 = !DILocation(line: 59, column: 31, scope: !190)
!295 = !DILocation(line: 59, column: 21, scope: !190)
!296 = !DILocation(line: 59, column: 52, scope: !190)
!297 = !DILocation(line: 59, column: 55, scope: !190)
!298 = !DILocation(line: 59, column: 105, scope: !190)
!299 = !DILocation(line: 59, column: 94, scope: !190)
!300 = !DILocation(line: 59, column: 14, scope: !190)
!301 = !DILocation(line: 59, column: 107, scope: !190)
!302 = !DILocation(line: 61, column: 9, scope: !190)
!303 = !DILocation(line: 62, column: 17, scope: !190)
!304 = !DILocation(line: 62, column: 9, scope: !190)
!305 = !DILocation(line: 64, column: 8, scope: !190)
!306 = !DILocation(line: 64, column: 20, scope: !190)
!307 = !DILocalVariable(name: "s", arg: 1, scope: !308, file: !309, line: 815, type: !168)
!308 = distinct !DISubprogram(name: "from_str", linkageName: "_RNvMs4_NtCsgEmfK2I1SDS_4core3fmtNtB5_9Arguments8from_strCseXXjrzcMv2P_7program", scope: !310, file: !309, line: 815, type: !395, scopeLine: 815, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !28, declaration: !397, retainedNodes: !398)
!309 = !DIFile(filename: "library/core/src/fmt/mod.rs", directory: "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860", checksumkind: CSK_MD5, checksum: "66c54229528687a22c80807f245fa4df")
!310 = !DICompositeType(tag: DW_TAG_structure_type, name: "Arguments", scope: !311, file: !10, size: 128, align: 64, flags: DIFlagPublic, elements: !312, templateParams: !28, identifier: "e5c67bbe046da39973c72077c7f66185")
!311 = !DINamespace(name: "fmt", scope: !131)
!312 = !{!313, !317}
!313 = !DIDerivedType(tag: DW_TAG_member, name: "template", scope: !310, file: !10, baseType: !314, size: 64, align: 64, flags: DIFlagPrivate)
!314 = !DICompositeType(tag: DW_TAG_structure_type, name: "NonNull<u8>", scope: !149, file: !10, size: 64, align: 64, flags: DIFlagPublic, elements: !315, templateParams: !159, identifier: "ff3cb4cecc4ed13dfb833309b96ea529")
!315 = !{!316}
!316 = !DIDerivedType(tag: DW_TAG_member, name: "pointer", scope: !314, file: !10, baseType: !66, size: 64, align: 64, flags: DIFlagPrivate)
!317 = !DIDerivedType(tag: DW_TAG_member, name: "args", scope: !310, file: !10, baseType: !318, size: 64, align: 64, offset: 64, flags: DIFlagPrivate)
!318 = !DICompositeType(tag: DW_TAG_structure_type, name: "NonNull<core::fmt::rt::Argument>", scope: !149, file: !10, size: 64, align: 64, flags: DIFlagPublic, elements: !319, templateParams: !393, identifier: "2e7cb7ba6db6aae8a5c20264d17cea0a")
!319 = !{!320}
!320 = !DIDerivedType(tag: DW_TAG_member, name: "pointer", scope: !318, file: !10, baseType: !321, size: 64, align: 64, flags: DIFlagPrivate)
!321 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "*const core::fmt::rt::Argument", baseType: !322, size: 64, align: 64, dwarfAddressSpace: 0)
!322 = !DICompositeType(tag: DW_TAG_structure_type, name: "Argument", scope: !323, file: !10, size: 128, align: 64, flags: DIFlagPublic, elements: !324, templateParams: !28, identifier: "1d5f7550f7e7e04cbc4d2cf57c27606b")
!323 = !DINamespace(name: "rt", scope: !311)
!324 = !{!325}
!325 = !DIDerivedType(tag: DW_TAG_member, name: "ty", scope: !322, file: !10, baseType: !326, size: 128, align: 64, flags: DIFlagPrivate)
!326 = !DICompositeType(tag: DW_TAG_structure_type, name: "ArgumentType", scope: !323, file: !10, size: 128, align: 64, flags: DIFlagPrivate, elements: !327, templateParams: !28, identifier: "b1cfb4618f1c38c3f96eab6c02edf448")
!327 = !{!328}
!328 = !DICompositeType(tag: DW_TAG_variant_part, scope: !326, file: !10, size: 128, align: 64, elements: !329, templateParams: !28, identifier: "fbd384083752b747f8b252853b979154", discriminator: !392)
!329 = !{!330, !388}
!330 = !DIDerivedType(tag: DW_TAG_member, name: "Placeholder", scope: !328, file: !10, baseType: !331, size: 128, align: 64)
!331 = !DICompositeType(tag: DW_TAG_structure_type, name: "Placeholder", scope: !326, file: !10, size: 128, align: 64, flags: DIFlagPrivate, elements: !332, templateParams: !28, identifier: "91d44a8fdafb90acd8f4961dbde4212b")
!332 = !{!333, !341, !383}
!333 = !DIDerivedType(tag: DW_TAG_member, name: "value", scope: !331, file: !10, baseType: !334, size: 64, align: 64, flags: DIFlagPrivate)
!334 = !DICompositeType(tag: DW_TAG_structure_type, name: "NonNull<()>", scope: !149, file: !10, size: 64, align: 64, flags: DIFlagPublic, elements: !335, templateParams: !339, identifier: "f4e496144210c619b96aa08326287b92")
!335 = !{!336}
!336 = !DIDerivedType(tag: DW_TAG_member, name: "pointer", scope: !334, file: !10, baseType: !337, size: 64, align: 64, flags: DIFlagPrivate)
!337 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "*const ()", baseType: !338, size: 64, align: 64, dwarfAddressSpace: 0)
!338 = !DIBasicType(name: "()", encoding: DW_ATE_unsigned)
!339 = !{!340}
!340 = !DITemplateTypeParameter(name: "T", type: !338)
!341 = !DIDerivedType(tag: DW_TAG_member, name: "formatter", scope: !331, file: !10, baseType: !342, size: 64, align: 64, offset: 64, flags: DIFlagPrivate)
!342 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "unsafe fn(core::ptr::non_null::NonNull<()>, &mut core::fmt::Formatter) -> core::result::Result<(), core::fmt::Error>", baseType: !343, size: 64, align: 64, dwarfAddressSpace: 0)
!343 = !DISubroutineType(types: !344)
!344 = !{!345, !334, !362}
!345 = !DICompositeType(tag: DW_TAG_structure_type, name: "Result<(), core::fmt::Error>", scope: !346, file: !10, size: 8, align: 8, flags: DIFlagPublic, elements: !347, templateParams: !28, identifier: "1c6752419820cdc3961061cc58b31873")
!346 = !DINamespace(name: "result", scope: !131)
!347 = !{!348}
!348 = !DICompositeType(tag: DW_TAG_variant_part, scope: !345, file: !10, size: 8, align: 8, elements: !349, templateParams: !28, identifier: "92c1f85eaa1d7dab2e3165ee2fc4946", discriminator: !361)
!349 = !{!350, !357}
!350 = !DIDerivedType(tag: DW_TAG_member, name: "Ok", scope: !348, file: !10, baseType: !351, size: 8, align: 8, extraData: i8 0)
!351 = !DICompositeType(tag: DW_TAG_structure_type, name: "Ok", scope: !345, file: !10, size: 8, align: 8, flags: DIFlagPublic, elements: !352, templateParams: !354, identifier: "1d7115f6c7f9f62c2100933bba0c76f9")
!352 = !{!353}
!353 = !DIDerivedType(tag: DW_TAG_member, name: "__0", scope: !351, file: !10, baseType: !338, align: 8, offset: 8, flags: DIFlagPublic)
!354 = !{!340, !355}
!355 = !DITemplateTypeParameter(name: "E", type: !356)
!356 = !DICompositeType(tag: DW_TAG_structure_type, name: "Error", scope: !311, file: !10, align: 8, flags: DIFlagPublic, elements: !28, identifier: "5a24300cdda31093f5fe20c939b4885")
!357 = !DIDerivedType(tag: DW_TAG_member, name: "Err", scope: !348, file: !10, baseType: !358, size: 8, align: 8, extraData: i8 1)
!358 = !DICompositeType(tag: DW_TAG_structure_type, name: "Err", scope: !345, file: !10, size: 8, align: 8, flags: DIFlagPublic, elements: !359, templateParams: !354, identifier: "27094aa3bc4c448bf12b8530386fdeb2")
!359 = !{!360}
!360 = !DIDerivedType(tag: DW_TAG_member, name: "__0", scope: !358, file: !10, baseType: !356, align: 8, offset: 8, flags: DIFlagPublic)
!361 = !DIDerivedType(tag: DW_TAG_member, scope: !345, file: !10, baseType: !67, size: 8, align: 8, flags: DIFlagArtificial)
!362 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "&mut core::fmt::Formatter", baseType: !363, size: 64, align: 64, dwarfAddressSpace: 0)
!363 = !DICompositeType(tag: DW_TAG_structure_type, name: "Formatter", scope: !311, file: !10, size: 192, align: 64, flags: DIFlagPublic, elements: !364, templateParams: !28, identifier: "c45a1f7f7c29ecbbdbd29c835fac516c")
!364 = !{!365, !372}
!365 = !DIDerivedType(tag: DW_TAG_member, name: "options", scope: !363, file: !10, baseType: !366, size: 64, align: 32, offset: 128, flags: DIFlagPrivate)
!366 = !DICompositeType(tag: DW_TAG_structure_type, name: "FormattingOptions", scope: !311, file: !10, size: 64, align: 32, flags: DIFlagPublic, elements: !367, templateParams: !28, identifier: "ca2f5547247cd95c514a47d5800e09e")
!367 = !{!368, !369, !371}
!368 = !DIDerivedType(tag: DW_TAG_member, name: "flags", scope: !366, file: !10, baseType: !17, size: 32, align: 32, flags: DIFlagPrivate)
!369 = !DIDerivedType(tag: DW_TAG_member, name: "width", scope: !366, file: !10, baseType: !370, size: 16, align: 16, offset: 32, flags: DIFlagPrivate)
!370 = !DIBasicType(name: "u16", size: 16, encoding: DW_ATE_unsigned)
!371 = !DIDerivedType(tag: DW_TAG_member, name: "precision", scope: !366, file: !10, baseType: !370, size: 16, align: 16, offset: 48, flags: DIFlagPrivate)
!372 = !DIDerivedType(tag: DW_TAG_member, name: "buf", scope: !363, file: !10, baseType: !373, size: 128, align: 64, flags: DIFlagPrivate)
!373 = !DICompositeType(tag: DW_TAG_structure_type, name: "&mut dyn core::fmt::Write", file: !10, size: 128, align: 64, elements: !374, templateParams: !28, identifier: "effe97114690fc58a8e246cb04e37234")
!374 = !{!375, !378}
!375 = !DIDerivedType(tag: DW_TAG_member, name: "pointer", scope: !373, file: !10, baseType: !376, size: 64, align: 64)
!376 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !377, size: 64, align: 64, dwarfAddressSpace: 0)
!377 = !DICompositeType(tag: DW_TAG_structure_type, name: "dyn core::fmt::Write", file: !10, align: 8, elements: !28, identifier: "64328679825f9c73b507edbfd5b86b47")
!378 = !DIDerivedType(tag: DW_TAG_member, name: "vtable", scope: !373, file: !10, baseType: !379, size: 64, align: 64, offset: 64)
!379 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "&[usize; 6]", baseType: !380, size: 64, align: 64, dwarfAddressSpace: 0)
!380 = !DICompositeType(tag: DW_TAG_array_type, baseType: !158, size: 384, align: 64, elements: !381)
!381 = !{!382}
!382 = !DISubrange(count: 6, lowerBound: 0)
!383 = !DIDerivedType(tag: DW_TAG_member, name: "_lifetime", scope: !331, file: !10, baseType: !384, align: 8, offset: 128, flags: DIFlagPrivate)
!384 = !DICompositeType(tag: DW_TAG_structure_type, name: "PhantomData<&()>", scope: !165, file: !10, align: 8, flags: DIFlagPublic, elements: !28, templateParams: !385, identifier: "efa596960370766459fc018866dc4048")
!385 = !{!386}
!386 = !DITemplateTypeParameter(name: "T", type: !387)
!387 = !DIDerivedType(tag: DW_TAG_pointer_type, name: "&()", baseType: !338, size: 64, align: 64, dwarfAddressSpace: 0)
!388 = !DIDerivedType(tag: DW_TAG_member, name: "Count", scope: !328, file: !10, baseType: !389, size: 128, align: 64, extraData: i64 0)
!389 = !DICompositeType(tag: DW_TAG_structure_type, name: "Count", scope: !326, file: !10, size: 128, align: 64, flags: DIFlagPrivate, elements: !390, templateParams: !28, identifier: "1d9161ed3114ac1c26d36137fc96704d")
!390 = !{!391}
!391 = !DIDerivedType(tag: DW_TAG_member, name: "__0", scope: !389, file: !10, baseType: !370, size: 16, align: 16, offset: 64, flags: DIFlagPrivate)
!392 = !DIDerivedType(tag: DW_TAG_member, scope: !326, file: !10, baseType: !26, size: 64, align: 64, flags: DIFlagArtificial)
!393 = !{!394}
!394 = !DITemplateTypeParameter(name: "T", type: !322)
!395 = !DISubroutineType(types: !396)
!396 = !{!310, !168}
!397 = !DISubprogram(name: "from_str", linkageName: "_RNvMs4_NtCsgEmfK2I1SDS_4core3fmtNtB5_9Arguments8from_strCseXXjrzcMv2P_7program", scope: !310, file: !309, line: 815, type: !395, scopeLine: 815, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagOptimized, templateParams: !28)
!398 = !{!307}
!399 = !DILocation(line: 815, column: 27, scope: !308, inlinedAt: !306)
!400 = !DILocalVariable(name: "self", arg: 1, scope: !401, file: !402, line: 578, type: !168)
!401 = distinct !DISubprogram(name: "as_ptr", linkageName: "_RNvMNtCsgEmfK2I1SDS_4core3stre6as_ptrCseXXjrzcMv2P_7program", scope: !403, file: !402, line: 578, type: !405, scopeLine: 578, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !28, retainedNodes: !407)
!402 = !DIFile(filename: "library/core/src/str/mod.rs", directory: "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860", checksumkind: CSK_MD5, checksum: "b67baab1b9aefdbe1feb84767953c83d")
!403 = !DINamespace(name: "{impl#0}", scope: !404)
!404 = !DINamespace(name: "str", scope: !131)
!405 = !DISubroutineType(types: !406)
!406 = !{!66, !168}
!407 = !{!400}
!408 = !DILocation(line: 578, column: 25, scope: !401, inlinedAt: !409)
!409 = !DILocation(line: 819, column: 44, scope: !308, inlinedAt: !306)
!410 = !DILocalVariable(name: "self", arg: 1, scope: !411, file: !402, line: 157, type: !168)
!411 = distinct !DISubprogram(name: "len", linkageName: "_RNvMNtCsgEmfK2I1SDS_4core3stre3lenCseXXjrzcMv2P_7program", scope: !403, file: !402, line: 157, type: !412, scopeLine: 157, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !28, retainedNodes: !414)
!412 = !DISubroutineType(types: !413)
!413 = !{!158, !168}
!414 = !{!410}
!415 = !DILocation(line: 157, column: 22, scope: !411, inlinedAt: !416)
!416 = !DILocation(line: 820, column: 40, scope: !308, inlinedAt: !306)
!417 = !DILocalVariable(name: "self", arg: 1, scope: !418, file: !402, line: 502, type: !168)
!418 = distinct !DISubprogram(name: "as_bytes", linkageName: "_RNvMNtCsgEmfK2I1SDS_4core3stre8as_bytesCseXXjrzcMv2P_7program", scope: !403, file: !402, line: 502, type: !419, scopeLine: 502, flags: DIFlagPrototyped, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !53, templateParams: !28, retainedNodes: !425)
!419 = !DISubroutineType(types: !420)
!420 = !{!421, !168}
!421 = !DICompositeType(tag: DW_TAG_structure_type, name: "&[u8]", file: !10, size: 128, align: 64, elements: !422, templateParams: !28, identifier: "31681e0c10b314f1f33e38b2779acbb4")
!422 = !{!423, !424}
!423 = !DIDerivedType(tag: DW_TAG_member, name: "data_ptr", scope: !421, file: !10, baseType: !156, size: 64, align: 64)
!424 = !DIDerivedType(tag: DW_TAG_member, name: "length", scope: !421, file: !10, baseType: !158, size: 64, align: 64, offset: 64)
!425 = !{!417}
!426 = !DILocation(line: 502, column: 27, scope: !418, inlinedAt: !427)
!427 = !DILocation(line: 158, column: 14, scope: !411, inlinedAt: !416)
!428 = !DILocation(line: 819, column: 27, scope: !308, inlinedAt: !306)
!429 = !DILocation(line: 820, column: 23, scope: !308, inlinedAt: !306)
!430 = !DILocation(line: 66, column: 2, scope: !179)
