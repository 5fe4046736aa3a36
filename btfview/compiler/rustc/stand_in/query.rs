//! What stands in for `core::btf` when rustc compiles a program: each query is a call of [`query`].
//!
//! btfview finds those calls in the IR and puts what the loader answers in their place. The type that is
//! asked about is the type argument, in debug info; everything else stands in the string.

#![no_std]

/// A question to the loader: its kind (`enum bpf_core_relo_kind`), and file, line, column and path, by lines.
#[inline(never)]
pub fn query<T: ?Sized>(kind: u32, what: *const u8) -> u64 {
    let _ = (kind, what);
    0
}

/// An answer that is yes or no; a function, for rustc wants a comparison to be used.
#[inline(always)]
pub fn is(answer: u64) -> bool {
    answer != 0
}

/// The same about the type behind a pointer of which the expression is never evaluated.
#[inline(always)]
pub fn query_behind<P: Pointer>(_: Option<P>, kind: u32, what: *const u8) -> u64 {
    query::<P::Target>(kind, what)
}

/// References and raw pointers.
pub trait Pointer {
    type Target;
    fn address(self) -> *const Self::Target;
}

impl<T> Pointer for &T {
    type Target = T;
    #[inline(always)]
    fn address(self) -> *const T {
        self
    }
}

impl<T> Pointer for &mut T {
    type Target = T;
    #[inline(always)]
    fn address(self) -> *const T {
        self
    }
}

impl<T> Pointer for *const T {
    type Target = T;
    #[inline(always)]
    fn address(self) -> *const T {
        self
    }
}

impl<T> Pointer for *mut T {
    type Target = T;
    #[inline(always)]
    fn address(self) -> *const T {
        self
    }
}

/// Where a question is asked, and the path that it asks for.
#[doc(hidden)]
#[macro_export]
macro_rules! __what {
    ($($path:tt)*) => {{
        const WHAT: *const u8 =
            concat!(file!(), "\n", line!(), "\n", column!(), "\n", stringify!($($path)*)).as_ptr();
        WHAT
    }};
}

/// Has rustc walk the path, for its errors.
#[doc(hidden)]
#[macro_export]
macro_rules! __walk {
    ($Container:ty, $($fields:tt)+) => {
        let _ = |carrier: *const $Container| unsafe { &raw const (*carrier).$($fields)+ };
    };
}

#[macro_export]
macro_rules! btf_field_exists {
    ($Container:ty, $($fields:ident).+ $(,)?) => {{
        $crate::__walk!($Container, $($fields).+);
        $crate::is($crate::query::<$Container>(2, $crate::__what!($($fields).+)))
    }};
    ($Container:ty, $($fields:tt)+) => {{
        $crate::__walk!($Container, $($fields)+);
        $crate::is($crate::query::<$Container>(2, $crate::__what!($($fields)+)))
    }};
}

#[macro_export]
macro_rules! btf_field_byte_offset {
    ($Container:ty, $($fields:ident).+ $(,)?) => {{
        $crate::__walk!($Container, $($fields).+);
        $crate::query::<$Container>(0, $crate::__what!($($fields).+)) as usize
    }};
    ($Container:ty, $($fields:tt)+) => {{
        $crate::__walk!($Container, $($fields)+);
        $crate::query::<$Container>(0, $crate::__what!($($fields)+)) as usize
    }};
}

#[macro_export]
macro_rules! btf_field_byte_size {
    ($Container:ty, $($fields:ident).+ $(,)?) => {{
        $crate::__walk!($Container, $($fields).+);
        $crate::query::<$Container>(1, $crate::__what!($($fields).+)) as usize
    }};
    ($Container:ty, $($fields:tt)+) => {{
        $crate::__walk!($Container, $($fields)+);
        $crate::query::<$Container>(1, $crate::__what!($($fields)+)) as usize
    }};
}

#[macro_export]
macro_rules! btf_field_is_signed {
    ($Container:ty, $($fields:ident).+ $(,)?) => {{
        $crate::__walk!($Container, $($fields).+);
        $crate::is($crate::query::<$Container>(3, $crate::__what!($($fields).+)))
    }};
    ($Container:ty, $($fields:tt)+) => {{
        $crate::__walk!($Container, $($fields)+);
        $crate::is($crate::query::<$Container>(3, $crate::__what!($($fields)+)))
    }};
}

#[macro_export]
macro_rules! btf_field_lshift {
    ($Container:ty, $($fields:ident).+ $(,)?) => {{
        $crate::__walk!($Container, $($fields).+);
        $crate::query::<$Container>(4, $crate::__what!($($fields).+)) as u32
    }};
    ($Container:ty, $($fields:tt)+) => {{
        $crate::__walk!($Container, $($fields)+);
        $crate::query::<$Container>(4, $crate::__what!($($fields)+)) as u32
    }};
}

#[macro_export]
macro_rules! btf_field_rshift {
    ($Container:ty, $($fields:ident).+ $(,)?) => {{
        $crate::__walk!($Container, $($fields).+);
        $crate::query::<$Container>(5, $crate::__what!($($fields).+)) as u32
    }};
    ($Container:ty, $($fields:tt)+) => {{
        $crate::__walk!($Container, $($fields)+);
        $crate::query::<$Container>(5, $crate::__what!($($fields)+)) as u32
    }};
}

#[macro_export]
macro_rules! btf_type_exists {
    ($Type:ty $(,)?) => {
        $crate::is($crate::query::<$Type>(8, $crate::__what!()))
    };
}

#[macro_export]
macro_rules! btf_type_size {
    ($Type:ty $(,)?) => {
        ($crate::query::<$Type>(9, $crate::__what!()) as usize)
    };
}

#[macro_export]
macro_rules! btf_type_matches {
    ($Type:ty $(,)?) => {
        $crate::is($crate::query::<$Type>(12, $crate::__what!()))
    };
}

#[macro_export]
macro_rules! btf_type_id_local {
    ($Type:ty $(,)?) => {
        ($crate::query::<$Type>(6, $crate::__what!()) as u32)
    };
}

#[macro_export]
macro_rules! btf_type_id_target {
    ($Type:ty $(,)?) => {
        ($crate::query::<$Type>(7, $crate::__what!()) as u32)
    };
}

#[macro_export]
macro_rules! btf_enum_value_exists {
    ($Enum:ty, $Variant:ident $(,)?) => {{
        let _ = || <$Enum>::$Variant;
        $crate::is($crate::query::<$Enum>(10, $crate::__what!($Variant)))
    }};
    ($Enum:ty, $Variant:path $(,)?) => {{
        let _ = || -> $Enum { $Variant };
        $crate::is($crate::query::<$Enum>(10, $crate::__what!($Variant)))
    }};
}

#[macro_export]
macro_rules! btf_enum_value {
    ($Enum:ty, $Variant:ident $(,)?) => {{
        let _ = || <$Enum>::$Variant;
        $crate::query::<$Enum>(11, $crate::__what!($Variant)) as i64
    }};
    ($Enum:ty, $Variant:path $(,)?) => {{
        let _ = || -> $Enum { $Variant };
        $crate::query::<$Enum>(11, $crate::__what!($Variant)) as i64
    }};
}

/// `$base` is evaluated once, where the field is there.
#[doc(hidden)]
#[macro_export]
macro_rules! __behind {
    ($base:expr, $make:path, $($fields:tt)+) => {
        if $crate::query_behind(if false { Some($base) } else { None }, 2, $crate::__what!($($fields)+)) != 0 {
            Some($make(
                $base,
                $crate::query_behind(if false { Some($base) } else { None }, 0, $crate::__what!($($fields)+)),
                |carrier| unsafe { &raw const (*carrier).$($fields)+ },
            ))
        } else {
            None
        }
    };
}

/// The last argument tells the field's type and is never called.
#[doc(hidden)]
#[inline(always)]
pub fn reference_to<T, F>(base: &T, offset: u64, _: impl FnOnce(*const T) -> *const F) -> &F {
    unsafe { &*(base as *const T).wrapping_byte_add(offset as usize).cast() }
}

#[doc(hidden)]
#[inline(always)]
pub fn pointer_to<P: Place<F>, F>(base: P, offset: u64, _: impl FnOnce(*const P::Target) -> *const F) -> P::Out {
    P::place(base.address().wrapping_byte_add(offset as usize).cast())
}

/// Makes a pointer that may be written through where `Self` may.
#[doc(hidden)]
pub trait Place<F>: Pointer {
    type Out;
    fn place(field: *const F) -> Self::Out;
}

impl<T, F> Place<F> for & T {
    type Out = *const F;
    #[inline(always)]
    fn place(field: *const F) -> *const F {
        field
    }
}

impl<T, F> Place<F> for *const T {
    type Out = *const F;
    #[inline(always)]
    fn place(field: *const F) -> *const F {
        field
    }
}

impl<T, F> Place<F> for &mut T {
    type Out = *mut F;
    #[inline(always)]
    fn place(field: *const F) -> *mut F {
        field.cast_mut()
    }
}

impl<T, F> Place<F> for *mut T {
    type Out = *mut F;
    #[inline(always)]
    fn place(field: *const F) -> *mut F {
        field.cast_mut()
    }
}

#[macro_export]
macro_rules! field_ref {
    ($base:expr, $($fields:ident).+ $(,)?) => {
        $crate::__behind!($base, $crate::reference_to, $($fields).+)
    };
    ($base:expr, $($fields:tt)+) => {
        $crate::__behind!($base, $crate::reference_to, $($fields)+)
    };
}

#[macro_export]
macro_rules! field_ptr {
    ($base:expr, $($fields:ident).+ $(,)?) => {
        $crate::__behind!($base, $crate::pointer_to, $($fields).+)
    };
    ($base:expr, $($fields:tt)+) => {
        $crate::__behind!($base, $crate::pointer_to, $($fields)+)
    };
}

/// Points to a variable of an `extern` block, so that debug info has its type.
#[doc(hidden)]
pub struct Extern<T>(pub *const T);

unsafe impl<T> Sync for Extern<T> {}
