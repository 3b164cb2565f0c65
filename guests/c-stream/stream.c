// Moves bytes: `drain` reads a stream into one buffer, over and over, `fill` writes one from another. What the bytes are is nobody's concern.
#include "arena.h"
#include "async.h"

#define API "windhover:guests/streams"
#define OWN(name) IMPORT("[export]" API, name)

OWN("[task-return]drain") void drain_return(uint64_t);
OWN("[task-return]fill") void fill_return(handle);
OWN("[async-lower][stream-read-0]drain") uint32_t drain_read(handle, void *, uint32_t);
OWN("[stream-drop-readable-0]drain") void drain_drop(handle);
OWN("[stream-new-0]fill") uint64_t fill_new(void);
OWN("[async-lower][stream-write-0]fill") uint32_t fill_write(handle, const void *, uint32_t);
OWN("[stream-drop-writable-0]fill") void fill_drop(handle);

enum { SIZE = 256 * 1024 };
static uint8_t in[SIZE], out[SIZE];

struct task { handle set, stream; uint64_t bytes; };
static int live;

static struct task *begin(handle stream, uint64_t bytes)
{
    live++;
    struct task *t = arena_alloc(sizeof *t, alignof(struct task));
    *t = (struct task){set_new(), stream, bytes};
    context_set(t);
    return t;
}

static uint32_t end(struct task *t)
{
    set_drop(t->set);
    if (--live == 0) arena_top = (uintptr_t)&__heap_base;
    return EXIT;
}

static uint32_t drain_on(struct task *t, uint32_t outcome)
{
    for (;; outcome = drain_read(t->stream, in, SIZE)) {
        if (outcome == BLOCKED) return wait_for_one(t->set, t->stream);
        t->bytes += COUNT(outcome);
        if (STATE(outcome) == DROPPED) return drain_drop(t->stream), drain_return(t->bytes), end(t);
    }
}

EXPORT("[async-lift]" API "#drain") uint32_t drain(handle data) { return drain_on(begin(data, 0), 0); }

EXPORT("[callback][async-lift]" API "#drain") uint32_t drain_callback(uint32_t, handle waitable, uint32_t outcome)
{
    join(waitable, 0);
    return drain_on(context_get(), outcome);
}

static uint32_t fill_on(struct task *t, uint32_t outcome)
{
    for (;;) {
        if (outcome == BLOCKED) return wait_for_one(t->set, t->stream);
        t->bytes -= COUNT(outcome);
        if (!t->bytes || STATE(outcome) == DROPPED) return fill_drop(t->stream), end(t);
        outcome = fill_write(t->stream, out, t->bytes < SIZE ? (uint32_t)t->bytes : SIZE);
    }
}

EXPORT("[async-lift]" API "#fill") uint32_t fill(uint64_t n)
{
    uint64_t ends = fill_new();
    struct task *t = begin(WRITABLE(ends), n);
    fill_return(READABLE(ends));
    return fill_on(t, 0);
}

EXPORT("[callback][async-lift]" API "#fill") uint32_t fill_callback(uint32_t, handle waitable, uint32_t outcome)
{
    join(waitable, 0);
    return fill_on(context_get(), outcome);
}
