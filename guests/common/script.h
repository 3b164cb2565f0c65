// Guests that tests drive by a script: lines of words in, a line of answer for each out. The world exports `run: func(script: string) -> string`.
#pragma once
#include "arena.h"

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name))) extern
#define EXPORT(name) __attribute__((export_name(name)))
#define TEXT(s) ((struct text){(s), sizeof(s) - 1})

typedef int32_t handle;

struct text { const char *data; size_t size; };
struct texts { struct text *items; size_t count; };

static struct text script_rest; // what of the script has not been read
static char *out_data;
static size_t out_size, out_room;

__attribute__((unused)) static int same(struct text a, struct text b) { return a.size == b.size && !__builtin_memcmp(a.data, b.data, a.size); }

// The next word of the line, empty at its end.
static struct text word(void)
{
    while (script_rest.size && *script_rest.data == ' ') script_rest.data++, script_rest.size--;
    struct text w = {script_rest.data, 0};
    while (w.size < script_rest.size && w.data[w.size] != ' ' && w.data[w.size] != '\n') w.size++;
    script_rest.data += w.size, script_rest.size -= w.size;
    return w;
}

// All that is left of the line.
static struct text line(void)
{
    while (script_rest.size && *script_rest.data == ' ') script_rest.data++, script_rest.size--;
    struct text w = {script_rest.data, 0};
    while (w.size < script_rest.size && w.data[w.size] != '\n') w.size++;
    script_rest.data += w.size, script_rest.size -= w.size;
    return w;
}

static int next_line(void)
{
    line();
    if (!script_rest.size) return 0;
    script_rest.data++, script_rest.size--;
    return script_rest.size > 0;
}

__attribute__((unused)) static int64_t number(struct text w)
{
    int64_t n = 0, sign = 1;
    for (size_t i = 0; i < w.size; i++)
        if (w.data[i] == '-') sign = -1;
        else n = n * 10 + (w.data[i] - '0');
    return n * sign;
}

static void say(struct text t)
{
    if (out_size + t.size > out_room) {
        size_t room = (out_size + t.size) * 2 + 1024;
        char *grown = arena_alloc(room, 1);
        __builtin_memcpy(grown, out_data, out_size);
        out_data = grown, out_room = room;
    }
    __builtin_memcpy(out_data + out_size, t.data, t.size);
    out_size += t.size;
}

__attribute__((unused)) static void say_number(int64_t n)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
    do digits[--at] = (char)('0' + left % 10), left /= 10; while (left);
    if (n < 0) digits[--at] = '-';
    say((struct text){digits + at, sizeof digits - at});
}

// Runs one line: reads its words, and says an answer without the line's end.
static void run_line(struct text first);

static struct text answer;

EXPORT("run") struct text *run(const char *data, size_t size)
{
    script_rest = (struct text){data, size};
    out_data = 0, out_size = out_room = 0;
    do {
        struct text first = word();
        if (!first.size) continue;
        run_line(first);
        say(TEXT("\n"));
    } while (next_line());
    answer = (struct text){out_data, out_size};
    return &answer;
}

EXPORT("cabi_post_run") void post_run(struct text *result)
{
    (void)result;
    arena_top = (uintptr_t)&__heap_base;
}

void *memcpy(void *to, const void *from, size_t size)
{
    char *t = to;
    const char *f = from;
    while (size--) *t++ = *f++;
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *x = a, *y = b;
    for (; size; size--, x++, y++)
        if (*x != *y) return *x - *y;
    return 0;
}
