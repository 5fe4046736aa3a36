
// ---- the dialect `option`: what may be missing is an `Option`

#[macro_export]
macro_rules! field_exists {
    ($($given:tt)*) => { $crate::btf_field_exists!($($given)*) };
}

#[macro_export]
macro_rules! field_byte_offset {
    ($($given:tt)*) => {
        if $crate::btf_field_exists!($($given)*) {
            Some($crate::btf_field_byte_offset!($($given)*))
        } else {
            None
        }
    };
}

#[macro_export]
macro_rules! field_byte_size {
    ($($given:tt)*) => {
        if $crate::btf_field_exists!($($given)*) {
            Some($crate::btf_field_byte_size!($($given)*))
        } else {
            None
        }
    };
}

#[macro_export]
macro_rules! field_is_signed {
    ($($given:tt)*) => {
        if $crate::btf_field_exists!($($given)*) {
            Some($crate::btf_field_is_signed!($($given)*))
        } else {
            None
        }
    };
}

#[macro_export]
macro_rules! field_lshift {
    ($($given:tt)*) => {
        if $crate::btf_field_exists!($($given)*) {
            Some($crate::btf_field_lshift!($($given)*))
        } else {
            None
        }
    };
}

#[macro_export]
macro_rules! field_rshift {
    ($($given:tt)*) => {
        if $crate::btf_field_exists!($($given)*) {
            Some($crate::btf_field_rshift!($($given)*))
        } else {
            None
        }
    };
}

#[macro_export]
macro_rules! type_exists {
    ($($given:tt)*) => { $crate::btf_type_exists!($($given)*) };
}

#[macro_export]
macro_rules! type_size {
    ($($given:tt)*) => {
        if $crate::btf_type_exists!($($given)*) {
            Some($crate::btf_type_size!($($given)*))
        } else {
            None
        }
    };
}

#[macro_export]
macro_rules! type_matches {
    ($($given:tt)*) => { $crate::btf_type_matches!($($given)*) };
}

#[macro_export]
macro_rules! type_id_local {
    ($($given:tt)*) => { $crate::btf_type_id_local!($($given)*) };
}

#[macro_export]
macro_rules! type_id_target {
    ($($given:tt)*) => {
        if $crate::btf_type_exists!($($given)*) {
            Some($crate::btf_type_id_target!($($given)*))
        } else {
            None
        }
    };
}

#[macro_export]
macro_rules! enum_value_exists {
    ($($given:tt)*) => { $crate::btf_enum_value_exists!($($given)*) };
}

#[macro_export]
macro_rules! enum_value {
    ($($given:tt)*) => {
        if $crate::btf_enum_value_exists!($($given)*) {
            Some($crate::btf_enum_value!($($given)*))
        } else {
            None
        }
    };
}
