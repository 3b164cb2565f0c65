// The pricing rule in C without libc, against the canonical ABI by hand. SUMMER gives more; HOSTILE is what nobody would install knowingly.
#include "arena.h"

struct text { const char *at; uint32_t length; };
struct line { struct text sku; uint32_t cents, quantity; };
struct list { void *at; uint32_t length; };
struct article { struct text sku, name; uint32_t cents; struct list tags; };
struct quote { uint32_t cents; struct text reason; };

__attribute__((import_module("shop:rules/log@1.0.0"), import_name("write"))) extern void log_write(const char *at, uint32_t length);
__attribute__((import_module("shop:rules/catalog@1.0.0"), import_name("tagged"))) extern void catalog_tagged(const char *at, uint32_t length, struct list *articles);

#define TEXT(s) (struct text){s, sizeof s - 1}

static int same(struct text a, struct text b)
{
    if (a.length != b.length) return 0;
    for (uint32_t i = 0; i < a.length; i++) if (a.at[i] != b.at[i]) return 0;
    return 1;
}

#ifdef HOSTILE
// Takes all memory, fills the log, then never answers.
static void attack(void)
{
    char *line = arena_alloc(60000, 1);
    while (__builtin_wasm_memory_grow(0, 1) != SIZE_MAX) { }
    __builtin_memset(line, 'x', 60000);
    for (int i = 0; i < 1000; i++) log_write(line, 60000);
    for (;;) __asm__ volatile("");
}
#endif

__attribute__((export_name("shop:rules/pricing@1.0.0#quote"))) struct quote *quote(const struct line *lines, uint32_t count)
{
#ifdef HOSTILE
    attack();
#endif
    struct quote *answer = arena_alloc(sizeof *answer, 4);
    struct list sale;
    catalog_tagged("sale", 4, &sale);
    const struct article *articles = sale.at;
    uint64_t total = 0;
    int reduced = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t cents = (uint64_t)lines[i].cents * lines[i].quantity;
        for (uint32_t n = 0; n < sale.length; n++)
            if (same(articles[n].sku, lines[i].sku)) { cents = cents * 80 / 100; reduced = 1; break; }
        total += cents;
    }
#ifdef SUMMER
    *answer = (struct quote){(uint32_t)(total / 2), reduced ? TEXT("summer: half, and 20 % off the sale") : TEXT("summer: everything for half")};
#else
    *answer = (struct quote){(uint32_t)total, reduced ? TEXT("20 % off the sale") : TEXT("list price")};
#endif
    log_write("priced a basket", 15);
    return answer;
}

__attribute__((export_name("cabi_post_shop:rules/pricing@1.0.0#quote"))) void quote_done(void *answer)
{
    (void)answer;
    arena_top = (uintptr_t)&__heap_base;
}
