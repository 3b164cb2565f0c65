// Every way in which a 0.3 guest can wait, in C without libc: callbacks, blocking built-ins, a stack of its own, streams and futures.
// Each exported function has one task structure; `context` finds it again in the callback.
#include "arena.h"
#include "api.h"

enum { CHUNK = 64, WORDS = 4 };

struct task {
    handle set;
    handle in, out;      // streams or futures; 0: not there
    handle subtask;
    uint32_t left;       // subtasks, turns or numbers that are still to come
    uint32_t a, b;       // results of subtasks are written here
    uint32_t values[2], count;
    uint64_t sum;
    struct text text;
    uint32_t pending;    // bytes or numbers in the buffer that are not written yet
    uint8_t *from;
    int ended, cancelling;
    union { uint8_t bytes[CHUNK]; uint32_t numbers[7]; struct text words[WORDS]; } buffer;
};

static uint32_t live, cancellations;

static struct task *begin(void)
{
    struct task *t = arena_alloc(sizeof *t, alignof(struct task));
    *t = (struct task){};
    context_set(t);
    live++;
    return t;
}

static uint32_t end(struct task *t)
{
    if (t->set) set_drop(t->set);
    if (--live == 0) arena_top = (uintptr_t)&__heap_base;
    return EXIT;
}

static uint32_t wait_on(struct task *t, handle waitable)
{
    if (!t->set) t->set = set_new();
    return wait_for_one(t->set, waitable);
}

static uint32_t cancelled_end(struct task *t)
{
    cancellations++;
    task_cancel();
    return end(t);
}

// ---- calls of the host ----

// A task that waits for one subtask was called back. 1: it returned and is dropped; 0: `*next` is what to answer.
static int subtask_returned(struct task *t, uint32_t event, uint32_t state, uint32_t *next)
{
    if (event == EVENT_TASK_CANCELLED) {
        t->cancelling = 1;
        state = subtask_cancel(t->subtask);
        if (state == BLOCKED) return *next = wait_on(t, t->subtask), 0;
    } else if (state < RETURNED) return *next = wait_on(t, t->subtask), 0;
    subtask_drop(t->subtask);
    if (t->cancelling) return *next = cancelled_end(t), 0;
    return 1;
}

LIFT("twice") twice(uint32_t v)
{
    struct task *t = begin();
    uint32_t state = later(v, &t->a);
    if (STATE(state) == RETURNED) return twice_return(t->a * 2), end(t);
    return wait_on(t, t->subtask = state >> 4);
}

CALLBACK("twice") twice_callback(uint32_t event, handle, uint32_t state)
{
    struct task *t = context_get();
    uint32_t next;
    if (!subtask_returned(t, event, state, &next)) return next;
    return twice_return(t->a * 2), end(t);
}

// Waits where it stands. Nothing lies on the C stack meanwhile: a stackful task shares that stack with all others.
static uint32_t later_waited_for(struct task *t, uint32_t v)
{
    uint32_t state = later(v, &t->a);
    if (STATE(state) == RETURNED) return t->a;
    t->subtask = state >> 4, t->set = set_new();
    join(t->subtask, t->set);
    do set_wait(t->set, t->values);
    while (t->values[0] != t->subtask || t->values[1] < RETURNED);
    subtask_drop(t->subtask);
    return t->a;
}

LIFT("twice-waiting") twice_waiting(uint32_t v)
{
    struct task *t = begin();
    twice_waiting_return(later_waited_for(t, v) * 2);
    return end(t);
}

LIFT("twice-blocking") twice_blocking(uint32_t v) { return twice_blocking_return(later_blocking(v) * 2), EXIT; }
EXPORT("[async-lift-stackful]" API "#twice-stackful") void twice_stackful(uint32_t v)
{
    struct task *t = begin();
    uint32_t first = later_waited_for(t, v);
    twice_stackful_return(first + later_blocking(v));
    end(t);
}

CALLBACK("twice-waiting") twice_waiting_callback(uint32_t, handle, uint32_t) { __builtin_trap(); }
CALLBACK("twice-blocking") twice_blocking_callback(uint32_t, handle, uint32_t) { __builtin_trap(); }

LIFT("both") both(uint32_t a, uint32_t b)
{
    struct task *t = begin();
    uint32_t *ret[] = {&t->a, &t->b}, v[] = {a, b};
    for (int i = 0; i < 2; i++) {
        uint32_t state = later(v[i], ret[i]);
        if (STATE(state) == RETURNED) {
            t->values[t->count++] = *ret[i];
            continue;
        }
        if (!t->set) t->set = set_new();
        join(state >> 4, t->set);
        if (i == 0) t->subtask = state >> 4;
        t->left++;
    }
    if (t->left) return WAIT | t->set << 4;
    return both_return(t->values, t->count), end(t);
}

CALLBACK("both") both_callback(uint32_t event, handle subtask, uint32_t state)
{
    struct task *t = context_get();
    if (event == EVENT_SUBTASK && state == RETURNED) {
        t->values[t->count++] = subtask == t->subtask ? t->a : t->b;
        subtask_drop(subtask);
        t->left--;
    }
    if (t->left) return WAIT | t->set << 4;
    return both_return(t->values, t->count), end(t);
}

static uint32_t greeted(struct task *t)
{
    char *s = arena_alloc(t->text.size + 2, 1);
    s[0] = '<', s[t->text.size + 1] = '>';
    __builtin_memcpy(s + 1, t->text.data, t->text.size);
    greet_return(s, t->text.size + 2);
    return end(t);
}

LIFT("greet") api_greet(const char *name, uint32_t size)
{
    struct task *t = begin();
    host_log("greet", 5);
    uint32_t state = greet(name, size, &t->text);
    if (STATE(state) == RETURNED) return greeted(t);
    return wait_on(t, t->subtask = state >> 4);
}

CALLBACK("greet") greet_callback(uint32_t event, handle, uint32_t state)
{
    struct task *t = context_get();
    uint32_t next;
    return subtask_returned(t, event, state, &next) ? greeted(t) : next;
}

LIFT("give-way") give_way(uint32_t times)
{
    struct task *t = begin();
    t->left = times;
    if (times) return YIELD;
    return give_way_return(0), end(t);
}

CALLBACK("give-way") give_way_callback(uint32_t event, handle, uint32_t)
{
    struct task *t = context_get();
    if (event == EVENT_TASK_CANCELLED) return cancelled_end(t);
    t->count++;
    if (--t->left) return YIELD;
    return give_way_return(t->count), end(t);
}

LIFT("check") check(uint32_t v)
{
    static const char message[] = "zero";
    if (v) check_return(0, v, 0);
    else check_return(1, (uint32_t)message, sizeof message - 1);
    return EXIT;
}
CALLBACK("check") check_callback(uint32_t, handle, uint32_t) { __builtin_trap(); }

// ---- streams ----

static uint32_t sum_on(struct task *t, uint32_t outcome)
{
    for (;; outcome = sum_read(t->in, t->buffer.bytes, CHUNK)) {
        if (outcome == BLOCKED) return wait_on(t, t->in);
        for (uint32_t i = 0; i < COUNT(outcome); i++) t->sum += t->buffer.bytes[i];
        if (STATE(outcome) == DROPPED) return sum_drop(t->in), sum_return(t->sum), end(t);
    }
}

LIFT("sum") sum(handle data)
{
    struct task *t = begin();
    t->in = data;
    return sum_on(t, 0);
}

CALLBACK("sum") sum_callback(uint32_t, handle, uint32_t outcome) { return sum_on(context_get(), outcome); }

LIFT("sum-blocking") sum_blocking(handle data)
{
    uint8_t bytes[CHUNK];
    uint64_t sum = 0;
    for (uint32_t outcome = 0; STATE(outcome) != DROPPED;) {
        outcome = sum_blocking_read(data, bytes, CHUNK);
        for (uint32_t i = 0; i < COUNT(outcome); i++) sum += bytes[i];
    }
    return sum_blocking_drop(data), sum_blocking_return(sum), EXIT;
}
CALLBACK("sum-blocking") sum_blocking_callback(uint32_t, handle, uint32_t) { __builtin_trap(); }

static uint32_t sip_on(struct task *t, uint32_t outcome)
{
    if (outcome == BLOCKED) return wait_on(t, t->in);
    return sip_drop(t->in), sip_return(COUNT(outcome)), end(t);
}

LIFT("sip") sip(handle data)
{
    struct task *t = begin();
    t->in = data;
    return sip_on(t, sip_read(data, t->buffer.bytes, CHUNK));
}

CALLBACK("sip") sip_callback(uint32_t, handle, uint32_t outcome) { return sip_on(context_get(), outcome); }

// `reading` says what `outcome` is the outcome of: alternates between a chunk read and a chunk written.
static uint32_t upper_on(struct task *t, int reading, uint32_t outcome)
{
    for (;;) {
        if (outcome == BLOCKED) return wait_on(t, reading ? t->in : t->out);
        if (reading) {
            t->pending = COUNT(outcome), t->from = t->buffer.bytes;
            t->ended = STATE(outcome) == DROPPED;
            for (uint32_t i = 0; i < t->pending; i++)
                if (t->from[i] >= 'a' && t->from[i] <= 'z') t->from[i] -= 32;
        } else {
            t->pending -= COUNT(outcome), t->from += COUNT(outcome);
            if (STATE(outcome) == DROPPED) t->pending = 0, t->ended = 1;
        }
        if (!t->pending && t->ended) return upper_in_drop(t->in), upper_out_drop(t->out), end(t);
        reading = !t->pending;
        outcome = reading ? upper_read(t->in, t->buffer.bytes, CHUNK) : upper_write(t->out, t->from, t->pending);
    }
}

LIFT("upper") upper(handle data)
{
    struct task *t = begin();
    uint64_t ends = upper_new();
    t->in = data, t->out = WRITABLE(ends);
    upper_return(READABLE(ends));
    return upper_on(t, 0, 0);
}

CALLBACK("upper") upper_callback(uint32_t event, handle waitable, uint32_t outcome)
{
    join(waitable, 0); // only the end that the task waits for is in its set
    return upper_on(context_get(), event == EVENT_STREAM_READ, outcome);
}

static uint32_t count_on(struct task *t, uint32_t outcome)
{
    for (;;) {
        if (outcome == BLOCKED) return wait_on(t, t->out);
        t->count += COUNT(outcome), t->left -= COUNT(outcome);
        if (!t->left || STATE(outcome) == DROPPED) return count_to_drop(t->out), end(t);
        uint32_t n = t->left < 7 ? t->left : 7;
        for (uint32_t i = 0; i < n; i++) t->buffer.numbers[i] = t->count + i;
        outcome = count_to_write(t->out, t->buffer.numbers, n);
    }
}

LIFT("count-to") count_to(uint32_t n)
{
    struct task *t = begin();
    uint64_t ends = count_to_new();
    t->out = WRITABLE(ends), t->left = n;
    count_to_return(READABLE(ends));
    return count_on(t, 0);
}

CALLBACK("count-to") count_to_callback(uint32_t, handle, uint32_t outcome) { return count_on(context_get(), outcome); }

static void append(struct task *t, struct text more)
{
    char *grown = arena_alloc(t->text.size + more.size + 1, 1), *to = grown;
    if (t->text.size) {
        __builtin_memcpy(grown, t->text.data, t->text.size);
        to += t->text.size;
        *to++ = ' ';
    }
    __builtin_memcpy(to, more.data, more.size);
    t->text = (struct text){grown, (uint32_t)(to - grown) + more.size};
}

static uint32_t concat_on(struct task *t, uint32_t outcome)
{
    for (;; outcome = concat_read(t->in, t->buffer.words, WORDS)) {
        if (outcome == BLOCKED) return wait_on(t, t->in);
        for (uint32_t i = 0; i < COUNT(outcome); i++) append(t, t->buffer.words[i]);
        if (STATE(outcome) == DROPPED) return concat_drop(t->in), concat_return(t->text.data, t->text.size), end(t);
    }
}

LIFT("concat") concat(handle words)
{
    struct task *t = begin();
    t->in = words;
    return concat_on(t, 0);
}

CALLBACK("concat") concat_callback(uint32_t, handle waitable, uint32_t outcome)
{
    join(waitable, 0);
    return concat_on(context_get(), outcome);
}

// ---- futures ----

static uint32_t after_on(struct task *t, uint32_t outcome)
{
    if (outcome == BLOCKED) return wait_on(t, t->in);
    return after_drop(t->in), after_return(t->a + 1), end(t);
}

LIFT("after") after(handle future)
{
    struct task *t = begin();
    t->in = future;
    return after_on(t, after_read(future, &t->a));
}

CALLBACK("after") after_callback(uint32_t, handle waitable, uint32_t outcome)
{
    join(waitable, 0);
    return after_on(context_get(), outcome);
}

static uint32_t promise_written(struct task *t, uint32_t outcome)
{
    if (outcome == BLOCKED) return wait_on(t, t->out);
    return promise_drop(t->out), end(t);
}

LIFT("promise") promise(uint32_t v)
{
    struct task *t = begin();
    uint64_t ends = promise_new();
    t->out = WRITABLE(ends);
    promise_return(READABLE(ends));
    uint32_t state = later(v, &t->a);
    if (STATE(state) == RETURNED) return promise_written(t, promise_write(t->out, &t->a));
    return wait_on(t, t->subtask = state >> 4);
}

CALLBACK("promise") promise_callback(uint32_t event, handle, uint32_t outcome)
{
    struct task *t = context_get();
    uint32_t next;
    if (event == EVENT_FUTURE_WRITE) return promise_written(t, outcome);
    if (!subtask_returned(t, event, outcome, &next)) return next;
    return promise_written(t, promise_write(t->out, &t->a));
}

// ---- the rest ----

EXPORT(API "#add") uint32_t add(uint32_t a, uint32_t b) { return a + b; }
EXPORT(API "#hold") void hold(uint32_t on) { on ? backpressure_inc() : backpressure_dec(); }
EXPORT(API "#cancelled") uint32_t cancelled(void) { return cancellations; }
EXPORT(API "#running") uint32_t running(void) { return live; }
LIFT("trap") trap(void) { __builtin_trap(); }
CALLBACK("trap") trap_callback(uint32_t, handle, uint32_t) { __builtin_trap(); }
