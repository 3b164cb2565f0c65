// What the host allocates through. All that it hands over during a call, and all that you take from plugin_alloc, is given up together when the
// call is over (plugin_reset): copy what you want to keep into memory of your own.
#pragma once
#include <stddef.h>
#include <stdint.h>

extern char __heap_base;
static uintptr_t plugin_top = (uintptr_t)&__heap_base;

static void *plugin_alloc(size_t size, size_t align)
{
    uintptr_t start = (plugin_top + align - 1) & -align;
    uint64_t end = (uint64_t)start + size, have = (uint64_t)__builtin_wasm_memory_size(0) << 16;
    if (end > have && __builtin_wasm_memory_grow(0, (end - have + 0xffff) >> 16) == SIZE_MAX) __builtin_trap();
    plugin_top = (uintptr_t)end;
    return (void *)start;
}

static inline void plugin_reset(void) { plugin_top = (uintptr_t)&__heap_base; }

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size)
{
    void *p = plugin_alloc(size, align);
    if (old) __builtin_memcpy(p, old, old_size < size ? old_size : size);
    return p;
}
