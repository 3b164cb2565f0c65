// The `resources` interface. The representation of an exported counter is the address of a slot that holds the imported counter's handle.
// Slots are static: the arena is emptied after every call, resources live longer.
#include "runtime.h"

#define IFACE "windhover:values/resources@0.1.0"
#define IMPORT(name) __attribute__((import_module(IFACE), import_name(name))) extern
#define OWN_IMPORT(name) __attribute__((import_module("[export]" IFACE), import_name(name))) extern
#define EXPORT(name) __attribute__((export_name(IFACE "#" name)))
#define POST(name, result) __attribute__((export_name("cabi_post_" IFACE "#" name))) void result { post_return(); }

typedef int32_t handle;
struct slot { handle inner; };
struct handles { handle *items; uint32_t count; };
struct option_handle { uint32_t some; handle value; };
struct result_handle { uint8_t failed; union { handle value; struct { const char *data; uint32_t size; } error; } as; };

IMPORT("[constructor]counter") handle host_new(uint32_t start);
IMPORT("[method]counter.add") uint32_t host_add(handle, uint32_t);
IMPORT("[method]counter.value") uint32_t host_value(handle);
IMPORT("[static]counter.merge") handle host_merge(handle, handle);
IMPORT("[static]counter.even") void host_even(uint32_t, struct result_handle *);
IMPORT("[resource-drop]counter") void host_drop(handle);
IMPORT("take") uint32_t host_take(handle);
IMPORT("peek") uint32_t host_peek(handle);
IMPORT("roundtrip-own") handle host_roundtrip_own(handle);
IMPORT("maybe") void host_maybe(int32_t some, handle, struct option_handle *);
IMPORT("make") void host_make(uint32_t, struct handles *);
IMPORT("sum") uint32_t host_sum(const handle *, uint32_t);
IMPORT("peek-all") uint32_t host_peek_all(const handle *, uint32_t);

OWN_IMPORT("[resource-new]counter") handle own_new(struct slot *);
OWN_IMPORT("[resource-rep]counter") struct slot *own_rep(handle);
OWN_IMPORT("[resource-drop]counter") void own_drop(handle);

#define SLOTS 1024
static struct slot slots[SLOTS];
static uint32_t destroyed;

static struct slot *slot_for(handle inner)
{
    for (int i = 0; i < SLOTS; i++)
        if (slots[i].inner == 0) return slots[i].inner = inner, &slots[i];
    __builtin_trap();
}

// own → the imported counter inside; the exported handle is dropped, its destructor finds the slot empty and drops nothing.
static handle unwrap(handle own)
{
    struct slot *slot = own_rep(own);
    handle inner = slot->inner;
    slot->inner = -1;
    own_drop(own);
    return inner;
}

static handle wrap(handle inner) { return own_new(slot_for(inner)); }

EXPORT("[dtor]counter") void counter_destroy(struct slot *slot)
{
    if (slot->inner != -1) host_drop(slot->inner);
    slot->inner = 0;
    destroyed++;
}

EXPORT("[constructor]counter") handle counter_new(uint32_t start) { return wrap(host_new(start)); }
EXPORT("[method]counter.add") uint32_t counter_add(struct slot *self, uint32_t n) { return host_add(self->inner, n); }
EXPORT("[method]counter.value") uint32_t counter_value(struct slot *self) { return host_value(self->inner); }
EXPORT("[static]counter.merge") handle counter_merge(handle a, handle b)
{
    handle inner_a = unwrap(a), inner_b = unwrap(b);
    return wrap(host_merge(inner_a, inner_b));
}

EXPORT("[static]counter.even") struct result_handle *counter_even(uint32_t start)
{
    static struct result_handle result;
    host_even(start, &result);
    if (!result.failed) result.as.value = wrap(result.as.value);
    return &result;
}

EXPORT("take") uint32_t take(handle c) { return host_take(unwrap(c)); }
EXPORT("peek") uint32_t peek(struct slot *c) { return host_peek(c->inner); }
EXPORT("roundtrip-own") handle roundtrip_own(handle c) { return wrap(host_roundtrip_own(unwrap(c))); }

EXPORT("maybe") struct option_handle *maybe(int32_t some, handle c)
{
    static struct option_handle result;
    host_maybe(some, some ? unwrap(c) : 0, &result);
    if ((uint8_t)result.some) result.value = wrap(result.value);
    return &result;
}

EXPORT("make") struct handles *make(uint32_t count)
{
    static struct handles result;
    host_make(count, &result);
    for (uint32_t i = 0; i < result.count; i++) result.items[i] = wrap(result.items[i]);
    return &result;
}

EXPORT("sum") uint32_t sum(handle *all, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) all[i] = unwrap(all[i]);
    return host_sum(all, count);
}

EXPORT("peek-all") uint32_t peek_all(struct slot **all, uint32_t count)
{
    handle *inner = arena_alloc(count * sizeof(handle), alignof(handle));
    for (uint32_t i = 0; i < count; i++) inner[i] = all[i]->inner;
    return host_peek_all(inner, count);
}

EXPORT("dropped") uint32_t dropped(void) { return destroyed; }

POST("[static]counter.even", post_even(struct result_handle *))
POST("make", post_make(struct handles *))
POST("sum", post_sum(uint32_t))
POST("peek-all", post_peek_all(uint32_t))
