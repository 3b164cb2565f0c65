//! A core module: plain functions, one memory, one import (`host.notify`), no WASI.

use std::alloc::{alloc as allocate, dealloc, Layout};
use std::sync::atomic::{AtomicU32, Ordering};

#[link(wasm_import_module = "host")]
extern "C" {
    /// The host's answer to a number.
    fn notify(value: i32) -> i32;
}

static CALLS: AtomicU32 = AtomicU32::new(0);

#[no_mangle]
pub extern "C" fn add(a: i32, b: i32) -> i32 {
    a.wrapping_add(b)
}

/// Traps when `b` is zero.
#[no_mangle]
pub extern "C" fn divide(a: i32, b: i32) -> i32 {
    a / b
}

#[no_mangle]
pub extern "C" fn fib(n: u32) -> u64 {
    if n < 2 { n.into() } else { fib(n - 1) + fib(n - 2) }
}

/// Never returns, unless it is interrupted.
#[no_mangle]
pub extern "C" fn spin() {
    while CALLS.load(Ordering::Relaxed) < u32::MAX {}
}

/// Overflows the stack.
#[no_mangle]
pub extern "C" fn recurse(n: u64) -> u64 {
    if n == u64::MAX { 0 } else { std::hint::black_box(recurse(n + 1)) + 1 }
}

/// How often it was called in this instance.
#[no_mangle]
pub extern "C" fn calls() -> u32 {
    CALLS.fetch_add(1, Ordering::Relaxed) + 1
}

/// Guest → host → guest: twice what the host answers.
#[no_mangle]
pub extern "C" fn ask_host(value: i32) -> i32 {
    unsafe { notify(value) }.wrapping_mul(2)
}

#[no_mangle]
pub extern "C" fn alloc(size: usize) -> *mut u8 {
    unsafe { allocate(Layout::from_size_align(size.max(1), 8).expect("a size that fits")) }
}

/// # Safety
/// `ptr` and `size` come from one call of `alloc`.
#[no_mangle]
pub unsafe extern "C" fn free(ptr: *mut u8, size: usize) {
    dealloc(ptr, Layout::from_size_align(size.max(1), 8).expect("a size that fits"))
}

/// The CRC-32 of the bytes (IEEE polynomial), bit by bit: pure work for the processor.
///
/// # Safety
/// `ptr` points at `size` bytes.
#[no_mangle]
pub unsafe extern "C" fn crc32(ptr: *const u8, size: usize) -> u32 {
    let bytes = std::slice::from_raw_parts(ptr, size);
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| (c >> 1) ^ (0xedb8_8320 & (c & 1).wrapping_neg()))
    })
}
