//! What the host allocates through, and how values are read from memory and written to it. All that the host hands over during a call, and all
//! that you take from `alloc` or `give`, is given up together when the call is over (`release`): copy what you want to keep.
#![allow(dead_code)]

use std::alloc::{dealloc, Layout};
use std::cell::RefCell;

struct Held(RefCell<Vec<(*mut u8, Layout)>>);

// A plug-in has one thread.
unsafe impl Sync for Held {}

static HELD: Held = Held(RefCell::new(Vec::new()));

/// Memory until the call is over.
pub fn alloc(size: usize, align: usize) -> *mut u8 {
    if size == 0 {
        return align as *mut u8;
    }
    let layout = Layout::from_size_align(size, align).unwrap();
    let address = unsafe { std::alloc::alloc(layout) };
    if address.is_null() {
        std::alloc::handle_alloc_error(layout);
    }
    HELD.0.borrow_mut().push((address, layout));
    address
}

/// The call is over.
pub fn release() {
    for (address, layout) in HELD.0.take() {
        unsafe { dealloc(address, layout) }
    }
}

#[export_name = "cabi_realloc"]
unsafe extern "C" fn cabi_realloc(old: *mut u8, old_size: usize, align: usize, size: usize) -> *mut u8 {
    let address = alloc(size, align);
    if old_size > 0 {
        std::ptr::copy_nonoverlapping(old, address, old_size.min(size));
    }
    address
}

/// Text of the host.
pub unsafe fn text<'a>(address: *const u8, length: u32) -> &'a str {
    std::str::from_utf8_unchecked(std::slice::from_raw_parts(address, length as usize))
}

/// Text for the host.
pub fn give(text: &str) -> (*const u8, u32) {
    let address = alloc(text.len(), 1);
    unsafe { std::ptr::copy_nonoverlapping(text.as_ptr(), address, text.len()) };
    (address, text.len() as u32)
}

/// A number in memory: `get::<u32>(line, 8)`.
pub unsafe fn get<T: Copy>(address: *const u8, offset: usize) -> T {
    address.add(offset).cast::<T>().read_unaligned()
}

/// Text in memory.
pub unsafe fn get_text<'a>(address: *const u8, offset: usize) -> &'a str {
    text(get::<u32>(address, offset) as *const u8, get::<u32>(address, offset + 4))
}

/// Writes a number: `put(result, 8, 42u64)`.
pub unsafe fn put<T: Copy>(address: *mut u8, offset: usize, value: T) {
    address.add(offset).cast::<T>().write_unaligned(value)
}

/// Writes text.
pub unsafe fn put_text(address: *mut u8, offset: usize, value: &str) {
    let (start, length) = give(value);
    put(address, offset, start as u32);
    put(address, offset + 4, length);
}
