
// ---- the dialect `repr`: a query gives its plain answer

#[macro_export]
macro_rules! field_exists {
    ($($given:tt)*) => { $crate::btf_field_exists!($($given)*) };
}

#[macro_export]
macro_rules! field_byte_offset {
    ($($given:tt)*) => { $crate::btf_field_byte_offset!($($given)*) };
}

#[macro_export]
macro_rules! field_byte_size {
    ($($given:tt)*) => { $crate::btf_field_byte_size!($($given)*) };
}

#[macro_export]
macro_rules! field_is_signed {
    ($($given:tt)*) => { $crate::btf_field_is_signed!($($given)*) };
}

#[macro_export]
macro_rules! field_lshift {
    ($($given:tt)*) => { $crate::btf_field_lshift!($($given)*) };
}

#[macro_export]
macro_rules! field_rshift {
    ($($given:tt)*) => { $crate::btf_field_rshift!($($given)*) };
}

#[macro_export]
macro_rules! type_exists {
    ($($given:tt)*) => { $crate::btf_type_exists!($($given)*) };
}

#[macro_export]
macro_rules! type_size {
    ($($given:tt)*) => { $crate::btf_type_size!($($given)*) };
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
    ($($given:tt)*) => { $crate::btf_type_id_target!($($given)*) };
}

#[macro_export]
macro_rules! enum_value_exists {
    ($($given:tt)*) => { $crate::btf_enum_value_exists!($($given)*) };
}

#[macro_export]
macro_rules! enum_value {
    ($($given:tt)*) => { $crate::btf_enum_value!($($given)*) };
}
