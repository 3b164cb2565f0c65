// Key-value stores under every name that has synchronous functions, driven by a script. A line: FACE COMMAND [words]
//
//   draft|draft2|spin  open NAME · get KEY · set KEY VALUE · fill KEY BYTES · delete KEY · exists KEY · list [CURSOR]
//   draft|draft2       add KEY DELTA · get-many KEY… · set-many (KEY VALUE)… · delete-many KEY…
//   draft2             cas KEY · swap VALUE · keep (forgets the cas)
#include "script.h"

#define D1 "wasi:keyvalue/store@0.2.0-draft"
#define D2 "wasi:keyvalue/store@0.2.0-draft2"
#define SPIN "fermyon:spin/key-value@2.0.0"

struct error { uint8_t tag; struct text message; };
struct option_bytes { uint8_t some; struct text value; };
struct result { uint8_t failed; union { struct error error; struct option_bytes bytes; handle handle; uint8_t flag; struct texts texts; }; };
struct result64 { uint8_t failed; union { struct error error; int64_t number; }; };
struct result_page1 { uint8_t failed; union { struct error error; struct { struct texts keys; uint8_t more; uint64_t cursor; } page; }; };
struct result_page2 { uint8_t failed; union { struct error error; struct { struct texts keys; uint8_t more; struct text cursor; } page; }; };
struct pair { struct text key, value; };
struct maybe_pair { uint8_t some; struct pair pair; };
struct found { struct text key; struct option_bytes value; };
struct result_swap { uint8_t failed; struct { uint8_t tag; union { struct error error; handle cas; }; } why; };

#define FACE(name, module, type) \
    IMPORT(module, "[method]" type ".get") void name##_get(handle, const char *, size_t, struct result *); \
    IMPORT(module, "[method]" type ".set") void name##_set(handle, const char *, size_t, const char *, size_t, struct result *); \
    IMPORT(module, "[method]" type ".delete") void name##_delete(handle, const char *, size_t, struct result *); \
    IMPORT(module, "[method]" type ".exists") void name##_exists(handle, const char *, size_t, struct result *); \
    IMPORT(module, "[resource-drop]" type) void name##_drop(handle);
#define WASI(name, version) \
    IMPORT("wasi:keyvalue/store" version, "open") void name##_open(const char *, size_t, struct result *); \
    IMPORT("wasi:keyvalue/atomics" version, "increment") void name##_increment(handle, const char *, size_t, int64_t, struct result64 *); \
    IMPORT("wasi:keyvalue/batch" version, "get-many") void name##_get_many(handle, const struct text *, size_t, struct result *); \
    IMPORT("wasi:keyvalue/batch" version, "set-many") void name##_set_many(handle, const struct pair *, size_t, struct result *); \
    IMPORT("wasi:keyvalue/batch" version, "delete-many") void name##_delete_many(handle, const struct text *, size_t, struct result *);

FACE(draft, D1, "bucket")
FACE(draft2, D2, "bucket")
FACE(spin, SPIN, "store")
WASI(draft, "@0.2.0-draft")
WASI(draft2, "@0.2.0-draft2")
IMPORT(SPIN, "[static]store.open") void spin_open(const char *, size_t, struct result *);
IMPORT(SPIN, "[method]store.get-keys") void spin_keys(handle, struct result *);
IMPORT(D1, "[method]bucket.list-keys") void draft_list(handle, int32_t, uint64_t, struct result_page1 *);
IMPORT(D2, "[method]bucket.list-keys") void draft2_list(handle, int32_t, const char *, size_t, struct result_page2 *);
IMPORT("wasi:keyvalue/atomics@0.2.0-draft2", "[static]cas.new") void cas_new(handle, const char *, size_t, struct result *);
IMPORT("wasi:keyvalue/atomics@0.2.0-draft2", "[method]cas.current") void cas_current(handle, struct result *);
IMPORT("wasi:keyvalue/atomics@0.2.0-draft2", "swap") void cas_swap(handle, const char *, size_t, struct result_swap *);

enum face { DRAFT, DRAFT2, SPIN2 };
static handle store[3], cas;

static void say_error(enum face face, const struct error *error)
{
    uint8_t tag = error->tag + (face != SPIN2);
    if (tag < 3) return say((const struct text[]){TEXT("store-table-full"), TEXT("no-such-store"), TEXT("access-denied")}[tag]);
    say(TEXT("other: "));
    say(error->message);
}

static void say_keys(struct texts keys)
{
    say(TEXT("keys"));
    for (size_t i = 0; i < keys.count; i++) say(TEXT(" ")), say(keys.items[i]);
}

static void say_option(struct option_bytes option)
{
    if (!option.some) return say(TEXT("none"));
    say(TEXT("value "));
    say(option.value);
}

static struct texts words(void)
{
    struct texts all = {arena_alloc(0, 8), 0};
    for (struct text w = word(); w.size; w = word()) {
        struct text *slot = arena_alloc(sizeof w, 4);
        if (!all.count) all.items = slot;
        *slot = w;
        all.count++;
    }
    return all;
}

static void list(enum face face, struct text cursor)
{
    if (face == SPIN2) {
        struct result r;
        spin_keys(store[face], &r);
        if (r.failed) say_error(face, &r.error);
        else say_keys(r.texts);
    } else if (face == DRAFT) {
        struct result_page1 r;
        draft_list(store[face], cursor.size > 0, (uint64_t)number(cursor), &r);
        if (r.failed) return say_error(face, &r.error);
        say_keys(r.page.keys);
        if (r.page.more) say(TEXT(" + ")), say_number((int64_t)r.page.cursor);
    } else {
        struct result_page2 r;
        draft2_list(store[face], cursor.size > 0, cursor.data, cursor.size, &r);
        if (r.failed) return say_error(face, &r.error);
        say_keys(r.page.keys);
        if (r.page.more) say(TEXT(" + ")), say(r.page.cursor);
    }
}

static void get_many(enum face face)
{
    struct texts keys = words();
    struct result r;
    (face == DRAFT ? draft_get_many : draft2_get_many)(store[face], keys.items, keys.count, &r);
    if (r.failed) return say_error(face, &r.error);
    say(TEXT("values"));
    for (size_t i = 0; i < r.texts.count; i++) {
        const struct maybe_pair *one = (const struct maybe_pair *)r.texts.items + i;
        const struct found *two = (const struct found *)r.texts.items + i;
        int some = face == DRAFT ? one->some : two->value.some;
        say(TEXT(" "));
        say(!some ? TEXT("-") : face == DRAFT ? one->pair.value : two->value.value);
    }
}

static void swap(struct text value)
{
    struct result_swap r;
    cas_swap(cas, value.data, value.size, &r);
    if (!r.failed) return say(TEXT("ok"));
    if (r.why.tag == 0) return say_error(DRAFT2, &r.why.error);
    cas = r.why.cas;
    say(TEXT("stale"));
}

static void run_line(struct text first)
{
    enum face face = same(first, TEXT("draft")) ? DRAFT : same(first, TEXT("draft2")) ? DRAFT2 : SPIN2;
    struct text command = word();
    struct result r = {0};
    if (same(command, TEXT("open"))) {
        struct text name = word();
        (face == DRAFT ? draft_open : face == DRAFT2 ? draft2_open : spin_open)(name.data, name.size, &r);
        if (r.failed) return say_error(face, &r.error);
        store[face] = r.handle;
    } else if (same(command, TEXT("get"))) {
        struct text key = word();
        (face == DRAFT ? draft_get : face == DRAFT2 ? draft2_get : spin_get)(store[face], key.data, key.size, &r);
        return r.failed ? say_error(face, &r.error) : say_option(r.bytes);
    } else if (same(command, TEXT("set")) || same(command, TEXT("fill"))) {
        struct text key = word(), value = word();
        if (same(command, TEXT("fill"))) {
            size_t size = (size_t)number(value);
            value = (struct text){arena_alloc(size, 1), size};
        }
        (face == DRAFT ? draft_set : face == DRAFT2 ? draft2_set : spin_set)(store[face], key.data, key.size, value.data, value.size, &r);
    } else if (same(command, TEXT("delete"))) {
        struct text key = word();
        (face == DRAFT ? draft_delete : face == DRAFT2 ? draft2_delete : spin_delete)(store[face], key.data, key.size, &r);
    } else if (same(command, TEXT("exists"))) {
        struct text key = word();
        (face == DRAFT ? draft_exists : face == DRAFT2 ? draft2_exists : spin_exists)(store[face], key.data, key.size, &r);
        if (!r.failed) return say(r.flag ? TEXT("true") : TEXT("false"));
    } else if (same(command, TEXT("list"))) {
        return list(face, word());
    } else if (same(command, TEXT("add"))) {
        struct text key = word();
        struct result64 sum;
        (face == DRAFT ? draft_increment : draft2_increment)(store[face], key.data, key.size, number(word()), &sum);
        return sum.failed ? say_error(face, &sum.error) : say_number(sum.number);
    } else if (same(command, TEXT("get-many"))) {
        return get_many(face);
    } else if (same(command, TEXT("set-many"))) {
        struct texts all = words();
        (face == DRAFT ? draft_set_many : draft2_set_many)(store[face], (const struct pair *)all.items, all.count / 2, &r);
    } else if (same(command, TEXT("delete-many"))) {
        struct texts all = words();
        (face == DRAFT ? draft_delete_many : draft2_delete_many)(store[face], all.items, all.count, &r);
    } else if (same(command, TEXT("cas"))) {
        struct text key = word();
        cas_new(store[face], key.data, key.size, &r);
        if (r.failed) return say_error(face, &r.error);
        cas = r.handle;
        cas_current(cas, &r);
        return r.failed ? say_error(face, &r.error) : say_option(r.bytes);
    } else if (same(command, TEXT("swap"))) {
        return swap(word());
    } else {
        return say(TEXT("unknown command"));
    }
    if (r.failed) say_error(face, &r.error);
    else say(TEXT("ok"));
}

// Reads one key many times: what a get costs.
EXPORT("read") uint32_t read(const char *name, size_t name_size, const char *key, size_t key_size, uint32_t times)
{
    struct result r;
    draft_open(name, name_size, &r);
    if (r.failed) __builtin_trap();
    handle bucket = r.handle;
    uint32_t found = 0;
    uintptr_t mark = arena_top;
    for (; times; times--, arena_top = mark) {
        draft_get(bucket, key, key_size, &r);
        if (r.failed) __builtin_trap();
        found += r.bytes.some;
    }
    draft_drop(bucket);
    return found;
}

// A key of a length that no memory has.
EXPORT("lie") void lie(uint32_t length)
{
    struct result r;
    draft_get(store[DRAFT], (const char *)16, length, &r);
}
