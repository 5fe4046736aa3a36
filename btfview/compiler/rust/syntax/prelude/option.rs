//! `core::btf` for the dialect `option`: what may be missing is an `Option`.
//!
//! Each macro is one rule whose body is one expression, made of `builtin # ..`, `if`, `Some` and `None`.
//! A macro like these, written in a program, works the same way.

// ---- RFC 3966

/// Whether the target's `$Container` has the field.
pub macro field_exists($Container:ty, $($fields:expr)+ $(,)?) {
    builtin # btf_field_exists($Container, $($fields)+)
}

/// Bytes from the start of the target's `$Container` to the field.
pub macro field_byte_offset($Container:ty, $($fields:expr)+ $(,)?) {
    if builtin # btf_field_exists($Container, $($fields)+) {
        Some(builtin # btf_field_byte_offset($Container, $($fields)+))
    } else {
        None
    }
}

/// Bytes that the field takes on the target.
pub macro field_byte_size($Container:ty, $($fields:expr)+ $(,)?) {
    if builtin # btf_field_exists($Container, $($fields)+) {
        Some(builtin # btf_field_byte_size($Container, $($fields)+))
    } else {
        None
    }
}

// ---- btfview's own, behind #![feature(btf_relocations_extra)]; no RFC asks for these

/// Whether the target's field is a signed integer.
pub macro field_is_signed($Container:ty, $($fields:expr)+ $(,)?) {
    if builtin # btf_field_exists($Container, $($fields)+) {
        Some(builtin # btf_field_is_signed($Container, $($fields)+))
    } else {
        None
    }
}

/// Bits by which a 64-bit load of the field is shifted left to drop what lies above a bitfield.
pub macro field_lshift($Container:ty, $($fields:expr)+ $(,)?) {
    if builtin # btf_field_exists($Container, $($fields)+) {
        Some(builtin # btf_field_lshift($Container, $($fields)+))
    } else {
        None
    }
}

/// Bits by which it is then shifted right, to bring the bitfield down to bit 0.
pub macro field_rshift($Container:ty, $($fields:expr)+ $(,)?) {
    if builtin # btf_field_exists($Container, $($fields)+) {
        Some(builtin # btf_field_rshift($Container, $($fields)+))
    } else {
        None
    }
}

/// Whether the target has a type of this kind and name.
pub macro type_exists($Type:ty $(,)?) {
    builtin # btf_type_exists($Type)
}

/// Bytes of the type on the target; `None` where it has none.
pub macro type_size($Type:ty $(,)?) {
    if builtin # btf_type_exists($Type) {
        Some(builtin # btf_type_size($Type))
    } else {
        None
    }
}

/// Whether the target's type has all that this one declares (libbpf: `bpf_core_types_match`).
pub macro type_matches($Type:ty $(,)?) {
    builtin # btf_type_matches($Type)
}

/// The type's id in this object's BTF.
pub macro type_id_local($Type:ty $(,)?) {
    builtin # btf_type_id_local($Type)
}

/// The type's id in the target's BTF; `None` where it has none.
pub macro type_id_target($Type:ty $(,)?) {
    if builtin # btf_type_exists($Type) {
        Some(builtin # btf_type_id_target($Type))
    } else {
        None
    }
}

/// Whether the target's enum has the variant.
pub macro enum_value_exists($Enum:ty, $Variant:path $(,)?) {
    builtin # btf_enum_value_exists($Enum, $Variant)
}

/// The variant's value on the target, as an `i64`.
pub macro enum_value($Enum:ty, $Variant:path $(,)?) {
    if builtin # btf_enum_value_exists($Enum, $Variant) {
        Some(builtin # btf_enum_value($Enum, $Variant))
    } else {
        None
    }
}

/// A reference to the field of `$base`, which is a reference to the carrier; `None` on a target without it.
/// Only the last builtin evaluates `$base`.
pub macro field_ref($base:expr, $($fields:expr)+ $(,)?) {
    if builtin # btf_place_exists($base, $($fields)+) {
        Some(builtin # btf_place_ref($base, $($fields)+))
    } else {
        None
    }
}

/// The same for raw pointers (and references): the address of the field, which is not read.
pub macro field_ptr($base:expr, $($fields:expr)+ $(,)?) {
    if builtin # btf_place_exists($base, $($fields)+) {
        Some(builtin # btf_place_ptr($base, $($fields)+))
    } else {
        None
    }
}
