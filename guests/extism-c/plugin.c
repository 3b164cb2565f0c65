// An Extism plug-in in plain C: every function of the host's interface, one export for each group.
#include "extism.h"

__attribute__((import_module("extism:host/user"), import_name("shout"))) extern uint64_t host_shout(uint64_t text);

static uint64_t block(const char *text)
{
    uint64_t length = 0;
    while (text[length]) length++;
    uint64_t at = extism_alloc(length);
    for (uint64_t i = 0; i < length; i++) extism_store_u8(at + i, (uint8_t)text[i]);
    return at;
}

static void answer(uint64_t at) { extism_output_set(at, extism_length(at)); }

static uint64_t input(void)
{
    uint64_t length = extism_input_length(), at = extism_alloc(length), i = 0;
    for (; i + 8 <= length; i += 8) extism_store_u64(at + i, extism_input_load_u64(i));
    for (; i < length; i++) extism_store_u8(at + i, extism_input_load_u8(i));
    return at;
}

static uint64_t decimal(uint64_t n)
{
    char text[21];
    int i = 20;
    text[i] = 0;
    do text[--i] = (char)('0' + n % 10);
    while (n /= 10);
    return block(text + i);
}

EXPORT(echo) { answer(input()); return 0; }

EXPORT(count_vowels)
{
    uint64_t vowels = 0;
    for (uint64_t i = 0; i < extism_input_length(); i++)
        switch (extism_input_load_u8(i) | 32) { case 'a': case 'e': case 'i': case 'o': case 'u': vowels++; }
    answer(decimal(vowels));
    return 0;
}

EXPORT(configured) { uint64_t at = extism_config_get(input()); answer(at ? at : block("(none)")); return 0; }

EXPORT(counter)
{
    uint64_t name = block("count"), value = extism_var_get(name), n = value ? extism_load_u64(value) : 0;
    uint64_t next = extism_alloc(8);
    extism_store_u64(next, n + 1);
    extism_var_set(name, next);
    answer(decimal(n + 1));
    return 0;
}

EXPORT(forget) { extism_var_set(block("count"), 0); return 0; }

EXPORT(fill) { extism_var_set(block("big"), extism_alloc(2 << 20)); return 0; }

EXPORT(fails) { extism_error_set(block("no such article")); return 1; }

EXPORT(fetch)
{
    uint64_t body = extism_http_request(input(), 0);
    extism_log_info(decimal((uint64_t)extism_http_status_code()));
    extism_log_error(extism_http_headers());
    answer(body);
    return 0;
}

EXPORT(shout) { answer(host_shout(input())); return 0; }

// Addresses that mean nothing: loads answer 0, stores do nothing, freeing twice is nothing.
EXPORT(wild)
{
    extism_store_u8(~0ull, 1);
    extism_store_u64(~0ull - 3, 1);
    extism_store_u8(0, 1);
    uint64_t sum = extism_load_u8(~0ull) + extism_load_u64(~0ull - 7) + extism_load_u64(0) + extism_length(12345) + extism_input_load_u8(1ull << 40) + extism_alloc(0);
    uint64_t at = extism_alloc(16);
    extism_free(at);
    extism_free(at);
    extism_free(~0ull);
    answer(decimal(sum));
    return 0;
}

EXPORT(wild_output) { extism_output_set(~0ull - 10, 100); return 0; }

EXPORT(spin) { for (;;) __asm__ volatile(""); }

EXPORT(trap) { __builtin_trap(); }

EXPORT(hoard) { for (;;) extism_alloc(1 << 20); }
