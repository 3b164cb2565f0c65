// Imports and exports of the world c-async as core functions.
#pragma once
#include "async.h"

#define HOST "windhover:guests/async-host"
#define API "windhover:guests/async-api"
#define OWN(name) IMPORT("[export]" API, name)
#define RETURN(name) OWN("[task-return]" name) void
#define LIFT(name) EXPORT("[async-lift]" API "#" name) uint32_t
#define CALLBACK(name) EXPORT("[callback][async-lift]" API "#" name) uint32_t

struct text { const char *data; uint32_t size; };

IMPORT(HOST, "[async-lower]later") uint32_t later(uint32_t v, uint32_t *ret);
IMPORT(HOST, "later") uint32_t later_blocking(uint32_t v);
IMPORT(HOST, "[async-lower]greet") uint32_t greet(const char *name, uint32_t size, struct text *ret);
IMPORT(HOST, "log") void host_log(const char *, size_t);

IMPORT("$root", "[waitable-set-wait]") uint32_t set_wait(handle set, uint32_t event[2]);
IMPORT("$root", "[backpressure-inc]") void backpressure_inc(void);
IMPORT("$root", "[backpressure-dec]") void backpressure_dec(void);

RETURN("twice") twice_return(uint32_t);
RETURN("twice-waiting") twice_waiting_return(uint32_t);
RETURN("twice-blocking") twice_blocking_return(uint32_t);
RETURN("twice-stackful") twice_stackful_return(uint32_t);
RETURN("both") both_return(const uint32_t *, uint32_t);
RETURN("greet") greet_return(const char *, uint32_t);
RETURN("give-way") give_way_return(uint32_t);
RETURN("check") check_return(uint32_t failed, uint32_t, uint32_t);
RETURN("sum") sum_return(uint64_t);
RETURN("sum-blocking") sum_blocking_return(uint64_t);
RETURN("sip") sip_return(uint32_t);
RETURN("upper") upper_return(handle);
RETURN("count-to") count_to_return(handle);
RETURN("concat") concat_return(const char *, uint32_t);
RETURN("after") after_return(uint32_t);
RETURN("promise") promise_return(handle);

OWN("[async-lower][stream-read-0]sum") uint32_t sum_read(handle, void *, uint32_t);
OWN("[stream-drop-readable-0]sum") void sum_drop(handle);
OWN("[stream-read-0]sum-blocking") uint32_t sum_blocking_read(handle, void *, uint32_t);
OWN("[stream-drop-readable-0]sum-blocking") void sum_blocking_drop(handle);
OWN("[async-lower][stream-read-0]sip") uint32_t sip_read(handle, void *, uint32_t);
OWN("[stream-drop-readable-0]sip") void sip_drop(handle);
OWN("[async-lower][stream-read-0]upper") uint32_t upper_read(handle, void *, uint32_t);
OWN("[stream-drop-readable-0]upper") void upper_in_drop(handle);
OWN("[stream-new-1]upper") uint64_t upper_new(void);
OWN("[async-lower][stream-write-1]upper") uint32_t upper_write(handle, const void *, uint32_t);
OWN("[stream-drop-writable-1]upper") void upper_out_drop(handle);
OWN("[stream-new-0]count-to") uint64_t count_to_new(void);
OWN("[async-lower][stream-write-0]count-to") uint32_t count_to_write(handle, const uint32_t *, uint32_t);
OWN("[stream-drop-writable-0]count-to") void count_to_drop(handle);
OWN("[async-lower][stream-read-0]concat") uint32_t concat_read(handle, struct text *, uint32_t);
OWN("[stream-drop-readable-0]concat") void concat_drop(handle);
OWN("[async-lower][future-read-0]after") uint32_t after_read(handle, uint32_t *);
OWN("[future-drop-readable-0]after") void after_drop(handle);
OWN("[future-new-0]promise") uint64_t promise_new(void);
OWN("[async-lower][future-write-0]promise") uint32_t promise_write(handle, const uint32_t *);
OWN("[future-drop-writable-0]promise") void promise_drop(handle);
