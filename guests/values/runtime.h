// What the generated C rests on: strings in the component's encoding, and the text that `show-*` returns.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "arena.h"

// `size` counts code units of the encoding. latin1+utf16 sets the top bit when the text is UTF-16.
struct str { const void *data; uint32_t size; };

// After the host has taken a result, everything is overwritten: a host that reads too late reads 0xdd.
static inline void post_return(void)
{
    for (char *p = &__heap_base; p < (char *)arena_top; p++) *p = (char)0xdd;
    arena_top = (uintptr_t)&__heap_base;
}

static inline float float32(uint32_t bits) { return __builtin_bit_cast(float, bits); }
static inline double float64(uint64_t bits) { return __builtin_bit_cast(double, bits); }
static inline uint32_t bits32(float v) { return __builtin_bit_cast(uint32_t, v); }
static inline uint64_t bits64(double v) { return __builtin_bit_cast(uint64_t, v); }

// The text being made: code points, encoded at the end.
static uint32_t *shown, shown_count;

static inline void shown_begin(void)
{
    shown = arena_alloc(0, 4);
    shown_count = 0;
}

static inline void putc_(uint32_t c)
{
    arena_alloc(4, 4); // nothing else allocates while text is made, so the blocks are adjacent
    shown[shown_count++] = c;
}

static inline void puts_(const char *s) { while (*s) putc_((uint8_t)*s++); }

static inline void put_decimal(uint64_t v)
{
    if (v >= 10) put_decimal(v / 10);
    putc_('0' + (uint32_t)(v % 10));
}

static inline void put_hex(uint64_t v, int digits)
{
    puts_("0x");
    while (digits--) putc_((uint8_t)"0123456789abcdef"[v >> digits * 4 & 15]);
}

static inline void put_signed(int64_t v)
{
    if (v < 0) putc_('-');
    put_decimal(v < 0 ? -(uint64_t)v : (uint64_t)v);
}

// A character inside quotes: ASCII controls as \u{…}, the quote and the backslash escaped, all others as they are.
static inline void put_quoted(uint32_t c, char quote)
{
    if (c < 32 || c == 127) {
        puts_("\\u{");
        if (c >= 16) putc_((uint8_t)"0123456789abcdef"[c >> 4]);
        putc_((uint8_t)"0123456789abcdef"[c & 15]);
        putc_('}');
        return;
    }
    if (c == (uint8_t)quote || c == '\\') putc_('\\');
    putc_(c);
}

static inline void show_u64(uint64_t v) { put_decimal(v); }
static inline void show_s64(int64_t v) { put_signed(v); }
static inline void show_u8(uint8_t v) { put_decimal(v); }
static inline void show_s8(int8_t v) { put_signed(v); }
static inline void show_u16(uint16_t v) { put_decimal(v); }
static inline void show_s16(int16_t v) { put_signed(v); }
static inline void show_u32(uint32_t v) { put_decimal(v); }
static inline void show_s32(int32_t v) { put_signed(v); }
static inline void show_f32(float v) { put_hex(bits32(v), 8); }
static inline void show_f64(double v) { put_hex(bits64(v), 16); }

static inline void show_bool(uint8_t v)
{
    if (v > 1) __builtin_trap(); // the host must write 0 or 1
    puts_(v ? "true" : "false");
}

static inline void show_char(uint32_t v)
{
    putc_('\'');
    put_quoted(v, '\'');
    putc_('\'');
}

static inline void show_labels(uint32_t v, const char *const *labels, int count)
{
    puts_("{");
    for (int i = 0, first = 1; i < count; i++)
        if (v >> i & 1) {
            if (!first) puts_(", ");
            puts_(labels[i]);
            first = 0;
        }
    puts_("}");
    if (count < 32 && v >> count) __builtin_trap(); // bits that no label names
}

// ---- encodings: utf8 (nothing defined), UTF16, LATIN1 (latin1+utf16) ----

#define UTF16_TAG 0x80000000u

static inline void show_utf16(const uint16_t *s, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t c = s[i];
        if (c >> 10 == 0x36 && i + 1 < count) c = 0x10000 + ((c & 0x3ff) << 10) + (s[++i] & 0x3ff);
        put_quoted(c, '"');
    }
}

static inline void show_string(struct str s)
{
    const uint8_t *bytes = s.data;
    putc_('"');
#if defined UTF16
    (void)bytes;
    show_utf16(s.data, s.size);
#elif defined LATIN1
    if (s.size & UTF16_TAG) show_utf16(s.data, s.size & ~UTF16_TAG);
    else for (uint32_t i = 0; i < s.size; i++) put_quoted(bytes[i], '"');
#else
    for (uint32_t i = 0; i < s.size;) {
        uint32_t c = bytes[i++], more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
        if (more) c &= 0x3f >> more;
        while (more--) c = c << 6 | (bytes[i++] & 0x3f);
        put_quoted(c, '"');
    }
#endif
    putc_('"');
}

static inline struct str encode_utf16(void)
{
    uint16_t *start = arena_alloc(shown_count * 4, 2), *to = start;
    for (uint32_t i = 0; i < shown_count; i++) {
        uint32_t c = shown[i];
        if (c < 0x10000) *to++ = (uint16_t)c;
        else *to++ = (uint16_t)(0xd800 + ((c - 0x10000) >> 10)), *to++ = (uint16_t)(0xdc00 + (c & 0x3ff));
    }
    return (struct str){start, (uint32_t)(to - start)};
}

static inline struct str shown_end(void)
{
#if defined UTF16
    return encode_utf16();
#elif defined LATIN1
    uint8_t *start = arena_alloc(shown_count, 2); // a latin1+utf16 string is aligned to 2 in both forms
    for (uint32_t i = 0; i < shown_count; i++) {
        if (shown[i] > 0xff) {
            struct str wide = encode_utf16();
            wide.size |= UTF16_TAG;
            return wide;
        }
        start[i] = (uint8_t)shown[i];
    }
    return (struct str){start, shown_count};
#else
    uint8_t *start = arena_alloc(shown_count * 4, 1), *to = start;
    for (uint32_t i = 0; i < shown_count; i++) {
        uint32_t c = shown[i];
        int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        *to++ = (uint8_t)(more ? (0xff00 >> (more + 1) & 0xff) | c >> 6 * more : c);
        while (more--) *to++ = (uint8_t)(0x80 | (c >> 6 * more & 0x3f));
    }
    return (struct str){start, (uint32_t)(to - start)};
#endif
}
