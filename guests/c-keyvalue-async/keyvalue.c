// Key-value stores under the names whose functions are asynchronous, driven by a script. A line: FACE COMMAND [words]
//
//   spin3|wasmcloud  open NAME · get KEY · set KEY VALUE · delete KEY · exists KEY · list
//   wasmcloud        new KEY VALUE (if it is not there) · add KEY DELTA · get-many KEY… · set-many (KEY VALUE)… · delete-many KEY…
//                    version KEY (shows the value, keeps its version) · swap KEY VALUE (if it has that version)
//
// `run` is an asynchronous function that is written synchronously: it may block, and each call does until its answer is there.
#include "script.h"

#define SPIN "spin:key-value/key-value@3.0.0"
#define TYPES "wasmcloud:keyvalue/types@0.2.0"
#define BATCH "wasmcloud:keyvalue/batch@0.2.0"

struct error { uint8_t tag; struct text message; };
struct option_text { uint8_t some; struct text value; };
struct entry { struct text value, version; };
struct option_entry { uint8_t some; struct entry entry; };
struct pair { struct text key, value; };
struct option_pair { uint8_t some; struct pair pair; };
struct page { struct texts keys; struct option_text cursor; };
struct swapped { uint8_t stale; struct option_entry now; };
struct result {
    uint8_t failed;
    union {
        struct error error; struct option_text bytes; handle handle; uint8_t flag; struct texts texts; struct page page; struct option_entry entry; struct swapped swapped;
    };
};
struct result64 { uint8_t failed; union { struct error error; int64_t number; }; };
struct ends { handle keys, end; };

IMPORT(SPIN, "[static]store.open") void spin_open(const char *, size_t, struct result *);
IMPORT(SPIN, "[method]store.get") void spin_get(handle, const char *, size_t, struct result *);
IMPORT(SPIN, "[method]store.set") void spin_set(handle, const char *, size_t, const char *, size_t, struct result *);
IMPORT(SPIN, "[method]store.delete") void spin_delete(handle, const char *, size_t, struct result *);
IMPORT(SPIN, "[method]store.exists") void spin_exists(handle, const char *, size_t, struct result *);
IMPORT(SPIN, "[method]store.get-keys") void spin_keys(handle, struct ends *);
IMPORT(SPIN, "[stream-read-0][method]store.get-keys") uint32_t keys_read(handle, struct text *, uint32_t);
IMPORT(SPIN, "[stream-drop-readable-0][method]store.get-keys") void keys_drop(handle);
IMPORT(SPIN, "[future-read-1][method]store.get-keys") uint32_t end_read(handle, struct result *);
IMPORT(SPIN, "[future-drop-readable-1][method]store.get-keys") void end_drop(handle);

IMPORT("wasmcloud:keyvalue/store@0.2.0", "open") void cloud_open(const char *, size_t, struct result *);
IMPORT(TYPES, "[method]bucket.get") void cloud_get(handle, const char *, size_t, struct result *);
IMPORT(TYPES, "[method]bucket.set")
void cloud_set(handle, const char *, size_t, const char *, size_t, int32_t some, int32_t has_ttl, int64_t ttl, int32_t if_not_exists, struct result *);
IMPORT(TYPES, "[method]bucket.delete") void cloud_delete(handle, const char *, size_t, struct result *);
IMPORT(TYPES, "[method]bucket.exists") void cloud_exists(handle, const char *, size_t, struct result *);
IMPORT(TYPES, "[method]bucket.list-keys")
void cloud_list(handle, int32_t, const char *, size_t, int32_t, const char *, size_t, struct result *);
IMPORT("wasmcloud:keyvalue/atomics@0.2.0", "increment") void cloud_increment(handle, const char *, size_t, int64_t, struct result64 *);
IMPORT("wasmcloud:keyvalue/cas@0.2.0", "current") void cloud_current(handle, const char *, size_t, struct result *);
IMPORT("wasmcloud:keyvalue/cas@0.2.0", "swap")
void cloud_swap(handle, const char *, size_t, const char *, size_t, int32_t, const char *, size_t, int32_t, const char *, size_t, struct result *);
IMPORT(BATCH, "get-many") void cloud_get_many(handle, const struct text *, size_t, struct result *);
IMPORT(BATCH, "set-many") void cloud_set_many(handle, const struct pair *, size_t, struct result *);
IMPORT(BATCH, "delete-many") void cloud_delete_many(handle, const struct text *, size_t, struct result *);

static handle store[2];
static struct text version;

static void say_error(int cloud, const struct error *error)
{
    static const struct text spin[] = {TEXT("store-table-full"), TEXT("no-such-store"), TEXT("access-denied")};
    static const struct text wasmcloud[] = {
        TEXT("no-such-store"), TEXT("access-denied"), TEXT("invalid-argument"), TEXT("precondition-failed"), TEXT("timeout"), TEXT("store-unavailable"), TEXT("quota-exceeded")};
    if (error->tag < (cloud ? 7 : 3)) return say((cloud ? wasmcloud : spin)[error->tag]);
    say(TEXT("other: "));
    say(error->message);
}

static void say_option(struct option_text option)
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

static void list_spin(void)
{
    struct ends ends;
    struct text key;
    struct result r;
    spin_keys(store[0], &ends);
    say(TEXT("keys"));
    while (keys_read(ends.keys, &key, 1) >> 4) say(TEXT(" ")), say(key);
    keys_drop(ends.keys);
    end_read(ends.end, &r);
    end_drop(ends.end);
    if (r.failed) say(TEXT(" ")), say_error(0, &r.error);
}

static void list_cloud(void)
{
    struct text cursor = {0, 0};
    struct result r;
    say(TEXT("keys"));
    do {
        cloud_list(store[1], 0, 0, 0, cursor.size > 0, cursor.data, cursor.size, &r);
        if (r.failed) return say_error(1, &r.error);
        for (size_t i = 0; i < r.page.keys.count; i++) say(TEXT(" ")), say(r.page.keys.items[i]);
        cursor = r.page.cursor.some ? r.page.cursor.value : TEXT("");
    } while (cursor.size);
}

static void get_many(void)
{
    struct texts keys = words();
    struct result r;
    cloud_get_many(store[1], keys.items, keys.count, &r);
    if (r.failed) return say_error(1, &r.error);
    say(TEXT("values"));
    for (size_t i = 0; i < r.texts.count; i++) {
        const struct option_pair *found = (const struct option_pair *)r.texts.items + i;
        say(TEXT(" ")), say(found->some ? found->pair.value : TEXT("-"));
    }
}

static void run_line(struct text first)
{
    int cloud = same(first, TEXT("wasmcloud"));
    handle at = store[cloud];
    struct text command = word();
    struct result r = {0};
    if (same(command, TEXT("list"))) return cloud ? list_cloud() : list_spin();
    if (same(command, TEXT("get-many"))) return get_many();
    if (same(command, TEXT("set-many"))) {
        struct texts all = words();
        cloud_set_many(at, (const struct pair *)all.items, all.count / 2, &r);
    } else if (same(command, TEXT("delete-many"))) {
        struct texts all = words();
        cloud_delete_many(at, all.items, all.count, &r);
    } else {
        struct text key = word(), value = word();
        if (same(command, TEXT("open"))) {
            (cloud ? cloud_open : spin_open)(key.data, key.size, &r);
            if (!r.failed) store[cloud] = r.handle;
        } else if (same(command, TEXT("get"))) {
            (cloud ? cloud_get : spin_get)(at, key.data, key.size, &r);
            if (!r.failed) return say_option(r.bytes);
        } else if (same(command, TEXT("set")) || same(command, TEXT("new"))) {
            if (cloud) cloud_set(at, key.data, key.size, value.data, value.size, 1, 0, 0, same(command, TEXT("new")), &r);
            else spin_set(at, key.data, key.size, value.data, value.size, &r);
        } else if (same(command, TEXT("delete"))) {
            (cloud ? cloud_delete : spin_delete)(at, key.data, key.size, &r);
        } else if (same(command, TEXT("exists"))) {
            (cloud ? cloud_exists : spin_exists)(at, key.data, key.size, &r);
            if (!r.failed) return say(r.flag ? TEXT("true") : TEXT("false"));
        } else if (same(command, TEXT("add"))) {
            struct result64 sum;
            cloud_increment(at, key.data, key.size, number(value), &sum);
            return sum.failed ? say_error(1, &sum.error) : say_number(sum.number);
        } else if (same(command, TEXT("version"))) {
            cloud_current(at, key.data, key.size, &r);
            if (!r.failed) {
                version = r.entry.some ? r.entry.entry.version : TEXT("");
                return say_option((struct option_text){r.entry.some, r.entry.entry.value});
            }
        } else if (same(command, TEXT("swap"))) {
            cloud_swap(at, key.data, key.size, value.data, value.size, version.size > 0, version.data, version.size, 0, 0, 0, &r);
            if (!r.failed) return say(r.swapped.stale ? TEXT("stale") : TEXT("ok"));
        } else return say(TEXT("unknown command"));
    }
    if (r.failed) say_error(cloud, &r.error);
    else say(TEXT("ok"));
}
