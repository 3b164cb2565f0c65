// The async canonical ABI as a guest with callbacks sees it: an async-lifted function and its callback return what the task does next,
// an async-lowered call or copy returns BLOCKED or its outcome at once.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef uint32_t handle;

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name))) extern
#define EXPORT(name) __attribute__((export_name(name)))

// What a task does next.
enum { EXIT = 0, YIELD = 1, WAIT = 2 };
// First argument of a callback; then the waitable's handle and its outcome.
enum { EVENT_NONE = 0, EVENT_SUBTASK = 1, EVENT_STREAM_READ, EVENT_STREAM_WRITE, EVENT_FUTURE_READ, EVENT_FUTURE_WRITE, EVENT_TASK_CANCELLED };
// State of a subtask: the low four bits of what an async-lowered call returns, the handle above them.
enum { STARTING = 0, STARTED = 1, RETURNED = 2 };
// Outcome of a copy: the low four bits, the number of items above them; or BLOCKED.
enum { COMPLETED = 0, DROPPED = 1, CANCELLED = 2 };
#define BLOCKED UINT32_MAX
#define STATE(outcome) ((outcome) & 15)
#define COUNT(outcome) ((outcome) >> 4)

// stream.new and future.new return both ends in one number.
#define READABLE(ends) ((handle)(ends))
#define WRITABLE(ends) ((handle)((ends) >> 32))

IMPORT("$root", "[waitable-set-new]") handle set_new(void);
IMPORT("$root", "[waitable-set-drop]") void set_drop(handle set);
IMPORT("$root", "[waitable-join]") void join(handle waitable, handle set);
IMPORT("$root", "[subtask-drop]") void subtask_drop(handle);
IMPORT("$root", "[async-lower][subtask-cancel]") uint32_t subtask_cancel(handle);
IMPORT("$root", "[context-get-0]") void *context_get(void);
IMPORT("$root", "[context-set-0]") void context_set(void *);
IMPORT("[export]$root", "[task-cancel]") void task_cancel(void);

static inline uint32_t wait_for_one(handle set, handle waitable)
{
    join(waitable, set);
    return WAIT | set << 4;
}
