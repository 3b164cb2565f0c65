// The rates that js-qjs asks for, from the environment of this component, which is not that of js-qjs. `log` counts: rate("lines") tells how often.
#include "arena.h"

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name))) extern
#define EXPORT(name) __attribute__((export_name(name)))

struct text { const char *data; size_t size; };
struct variable { struct text name, value; };
struct option_f64 { uint8_t some; double value; };

struct variables { struct variable *items; size_t count; };
IMPORT("wasi:cli/environment@0.2.12", "get-environment") void get_environment(struct variables *);

static uint32_t lines;
static struct option_f64 answer;

static int same(struct text a, const char *data, size_t size)
{
    for (size_t i = 0; a.size == size && i < size; i++)
        if (a.data[i] != data[i]) return 0;
    return a.size == size;
}

static double number(struct text t)
{
    double value = 0, scale = 0;
    for (size_t i = 0; i < t.size; i++) {
        if (t.data[i] == '.') scale = 1;
        else if (t.data[i] >= '0' && t.data[i] <= '9') value = value * 10 + (t.data[i] - '0'), scale *= 10;
    }
    return scale ? value / scale : value;
}

EXPORT("rates#rate") struct option_f64 *rate(const char *currency, size_t size)
{
    answer = (struct option_f64){0};
    if (same((struct text){"lines", 5}, currency, size)) {
        answer = (struct option_f64){1, lines};
        return &answer;
    }
    struct variables all;
    get_environment(&all);
    for (size_t i = 0; i < all.count; i++)
        if (same(all.items[i].name, currency, size)) answer = (struct option_f64){1, number(all.items[i].value)};
    return &answer;
}

EXPORT("cabi_post_rates#rate") void done(struct option_f64 *result)
{
    (void)result;
    arena_top = (uintptr_t)&__heap_base; // nothing in the arena outlives a call
}

EXPORT("rates#log") void log_line(const char *line, size_t size)
{
    (void)line, (void)size;
    lines++;
}
