// A bump allocator for freestanding guests: everything is given up at once by going back to a mark.
// The host allocates through `cabi_realloc` (canonical ABI), the guest through `arena_alloc`.
#pragma once
#include <stddef.h>
#include <stdint.h>

extern char __heap_base;
static uintptr_t arena_top = (uintptr_t)&__heap_base;

// Returns 0 when the host refuses more memory.
static void *arena_try_alloc(size_t size, size_t align)
{
    uintptr_t start = (arena_top + align - 1) & -align;
    uint64_t end = (uint64_t)start + size, have = (uint64_t)__builtin_wasm_memory_size(0) << 16;
    if (end > have && __builtin_wasm_memory_grow(0, (end - have + 0xffff) >> 16) == SIZE_MAX) return 0;
    arena_top = (uintptr_t)end;
    return (void *)start;
}

static void *arena_alloc(size_t size, size_t align)
{
    void *p = arena_try_alloc(size, align);
    if (!p) __builtin_trap();
    return p;
}

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size)
{
    if (old && (uintptr_t)old + old_size == arena_top) arena_top = (uintptr_t)old; // the last block grows in place
    void *p = arena_alloc(size, align);
    if (old && p != old) __builtin_memcpy(p, old, old_size < size ? old_size : size);
    return p;
}
