//! The part of the kernel's `task_struct` that the program asks for.

#[cfg_attr(target_arch = "bpf", btf_relocatable)]
#[repr(C)]
pub struct task_struct {
    flags: u32,
    tgid: i32,
    real_parent: *const task_struct,
}

/// Where the fields are on the kernel that runs.
pub trait Place {
    fn process() -> Option<usize>;
    fn parent() -> Option<usize>;
    fn flags() -> Option<usize>;
}

impl Place for task_struct {
    fn process() -> Option<usize> {
        core::btf::field_byte_offset!(task_struct, tgid)
    }

    fn parent() -> Option<usize> {
        core::btf::field_byte_offset!(task_struct, real_parent)
    }

    fn flags() -> Option<usize> {
        core::btf::field_byte_offset!(task_struct, flags)
    }
}
