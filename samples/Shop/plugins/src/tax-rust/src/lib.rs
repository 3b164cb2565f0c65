//! The tax rule in Rust, against the canonical ABI by hand: no generator is needed for one function.

use std::alloc::{alloc, dealloc, Layout};

/// What the host allocates through: it never frees, the answer's post-return does.
#[export_name = "cabi_realloc"]
pub unsafe extern "C" fn realloc(_old: *mut u8, _old_size: usize, align: usize, size: usize) -> *mut u8 {
    alloc(Layout::from_size_align_unchecked(size.max(1), align))
}

/// `result<u32, string>` in memory.
#[repr(C)]
pub struct Answer {
    is_error: u8,
    value: usize,
    length: usize,
}

fn tax(cents: u32, country: &str) -> Result<u32, String> {
    let percent = match country {
        "DE" => 19,
        "FR" => 20,
        "LU" => 17,
        "CH" => 8,
        _ => return Err(format!("no tax is known for '{country}'")),
    };
    Ok((u64::from(cents) * percent / 100) as u32)
}

#[export_name = "shop:rules/taxes@1.0.0#tax"]
pub unsafe extern "C" fn export_tax(cents: u32, country: *mut u8, length: usize) -> *mut Answer {
    let country = String::from_raw_parts(country, length, length);
    Box::into_raw(Box::new(match tax(cents, &country) {
        Ok(tax) => Answer { is_error: 0, value: tax as usize, length: 0 },
        Err(text) => {
            let text = Box::leak(text.into_boxed_str());
            Answer { is_error: 1, value: text.as_mut_ptr() as usize, length: text.len() }
        }
    }))
}

#[export_name = "cabi_post_shop:rules/taxes@1.0.0#tax"]
pub unsafe extern "C" fn after_tax(answer: *mut Answer) {
    let answer = Box::from_raw(answer);
    if answer.is_error == 1 && answer.length > 0 {
        dealloc(answer.value as *mut u8, Layout::from_size_align_unchecked(answer.length, 1));
    }
}
