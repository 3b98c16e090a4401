//! The allocator of the program, and how it gives memory back.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Gives back what this thread has freed. Making the OpenAPI document takes megabytes once, at the start, which the
/// allocator would otherwise keep for a second time that never comes.
pub fn give_back() {
    #[expect(
        unsafe_code,
        reason = "mi_collect has no precondition; the crate offers no safe name for it"
    )]
    // SAFETY: `mi_collect` may be called from any thread at any time.
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
}
