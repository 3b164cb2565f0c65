// A command that tries what a guest may not, and lets go of what it holds in the middle of things. Each step that does not end as it must
// ends the program with the step's line number modulo 256 (never 0).
//
//   c-hostile-p3 escape          paths that lead out of the first directory; beside it the host has left the file "outside", and inside links to it
//   c-hostile-p3 drops           streams dropped before, in and after the middle; the host then finds "kept" with 100,000 bytes
//   c-hostile-p3 flood           streams without end until the budget of files is used up
//   c-hostile-p3 udp PORT        the policy allows datagrams to and from 127.0.0.1:PORT, where one peer answers; others write meanwhile
//   c-hostile-p3 cancel          calls and reads that are cancelled
//
// It waits by blocking: one thing after the other is easier to read.
#include "arena.h"
#include "async.h"

#define FS "wasi:filesystem/types@0.3.0"
#define NET "wasi:sockets/types@0.3.0"

struct text { const char *data; uint32_t size; };
struct texts { struct text *items; uint32_t count; };
struct preopen { handle directory; struct text name; };
struct preopens { struct preopen *items; uint32_t count; };
struct ends { handle stream, end; };

IMPORT("$root", "[waitable-set-wait]") uint32_t set_wait(handle set, uint32_t event[2]);
IMPORT("wasi:cli/environment@0.3.0", "get-arguments") void get_arguments(struct texts *ret);
IMPORT("wasi:cli/exit@0.3.0", "exit-with-code") void exit_with_code(uint32_t);
IMPORT("wasi:filesystem/preopens@0.3.0", "get-directories") void get_directories(struct preopens *ret);

// Up to four flat parameters, otherwise a pointer to them; then a pointer to the result.
IMPORT(FS, "[async-lower][method]descriptor.stat-at") uint32_t stat_at(handle, uint32_t flags, const char *, size_t, void *ret);
IMPORT(FS, "[async-lower][method]descriptor.create-directory-at") uint32_t create_directory_at(handle, const char *, size_t, void *ret);
IMPORT(FS, "[async-lower][method]descriptor.unlink-file-at") uint32_t unlink_file_at(handle, const char *, size_t, void *ret);
IMPORT(FS, "[async-lower][method]descriptor.readlink-at") uint32_t readlink_at(handle, const char *, size_t, void *ret);
IMPORT(FS, "[async-lower][method]descriptor.open-at") uint32_t open_at(const void *parameters, void *ret);
IMPORT(FS, "[async-lower][method]descriptor.rename-at") uint32_t rename_at(const void *parameters, void *ret);
IMPORT(FS, "[async-lower][method]descriptor.symlink-at") uint32_t symlink_at(const void *parameters, void *ret);
IMPORT(FS, "[async-lower][method]descriptor.sync") uint32_t sync_file(handle, void *ret);
IMPORT(FS, "[resource-drop]descriptor") void descriptor_drop(handle);
IMPORT(FS, "[method]descriptor.read-directory") void read_directory(handle, struct ends *ret);
IMPORT(FS, "[async-lower][stream-read-0][method]descriptor.read-directory") uint32_t entries_read(handle, void *, size_t);
IMPORT(FS, "[stream-drop-readable-0][method]descriptor.read-directory") void entries_drop(handle);
IMPORT(FS, "[async-lower][future-read-1][method]descriptor.read-directory") uint32_t entries_end(handle, void *);
IMPORT(FS, "[future-drop-readable-1][method]descriptor.read-directory") void entries_end_drop(handle);
IMPORT(FS, "[method]descriptor.read-via-stream") void read_via_stream(handle, uint64_t offset, struct ends *ret);
IMPORT(FS, "[async-lower][stream-read-0][method]descriptor.read-via-stream") uint32_t content_read(handle, void *, size_t);
IMPORT(FS, "[stream-drop-readable-0][method]descriptor.read-via-stream") void content_drop(handle);
IMPORT(FS, "[async-lower][future-read-1][method]descriptor.read-via-stream") uint32_t content_end(handle, void *);
IMPORT(FS, "[future-drop-readable-1][method]descriptor.read-via-stream") void content_end_drop(handle);
IMPORT(FS, "[stream-new-0][method]descriptor.write-via-stream") uint64_t data_new(void);
IMPORT(FS, "[async-lower][stream-write-0][method]descriptor.write-via-stream") uint32_t data_write(handle, const void *, size_t);
IMPORT(FS, "[stream-cancel-write-0][method]descriptor.write-via-stream") uint32_t data_cancel(handle);
IMPORT(FS, "[stream-drop-writable-0][method]descriptor.write-via-stream") void data_close(handle);
IMPORT(FS, "[method]descriptor.write-via-stream") handle write_via_stream(handle, handle data, uint64_t offset);
IMPORT(FS, "[async-lower][future-read-1][method]descriptor.write-via-stream") uint32_t written_read(handle, void *);
IMPORT(FS, "[future-drop-readable-1][method]descriptor.write-via-stream") void written_drop(handle);

IMPORT(NET, "[static]udp-socket.create") void udp_create(uint32_t family, void *ret);
IMPORT(NET, "[method]udp-socket.bind")
void udp_bind(handle, uint32_t tag, uint32_t port, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, void *ret);
IMPORT(NET, "[async-lower][method]udp-socket.send") uint32_t udp_send(const void *parameters, void *ret);
IMPORT(NET, "[async-lower][method]udp-socket.receive") uint32_t udp_receive(handle, void *ret);
IMPORT(NET, "[resource-drop]udp-socket") void udp_drop(handle);
IMPORT(NET, "[static]tcp-socket.create") void tcp_create(uint32_t family, void *ret);
IMPORT(NET, "[method]tcp-socket.bind")
void tcp_bind(handle, uint32_t tag, uint32_t port, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, void *ret);
IMPORT(NET, "[method]tcp-socket.listen") void tcp_listen(handle, void *ret);
IMPORT(NET, "[async-lower][stream-read-0][method]tcp-socket.listen") uint32_t accept_read(handle, void *, size_t);
IMPORT(NET, "[stream-cancel-read-0][method]tcp-socket.listen") uint32_t accept_cancel(handle);
IMPORT(NET, "[stream-drop-readable-0][method]tcp-socket.listen") void accept_drop(handle);
IMPORT(NET, "[resource-drop]tcp-socket") void tcp_drop(handle);
IMPORT("wasi:sockets/ip-name-lookup@0.3.0", "[async-lower]resolve-addresses") uint32_t resolve_addresses(const char *, size_t, void *ret);

// The cases of error-code that are expected.
enum { FS_INVALID = 11, FS_INSUFFICIENT_MEMORY = 21, FS_NOT_PERMITTED = 30, NET_ACCESS_DENIED = 0, NET_INVALID_ARGUMENT = 2 };
enum { CANCELLED_BEFORE_RETURNED = 4 };

#define MUST(condition) do { if (!(condition)) exit_with_code(__LINE__ % 255 + 1); } while (0)
#define P(s) (s), sizeof(s) - 1

static alignas(8) uint8_t result[256];
static uint8_t block[100000];
static handle set;

int memcmp(const void *a, const void *b, size_t n)
{
    for (const uint8_t *x = a, *y = b; n--; x++, y++)
        if (*x != *y) return *x - *y;
    return 0;
}

// The outcome of a copy, waited for if need be.
static uint32_t outcome(uint32_t now, handle end)
{
    uint32_t event[2];
    if (now != BLOCKED) return now;
    join(end, set);
    set_wait(set, event);
    join(end, 0);
    return event[1];
}

// Waits for a call; its result is in `result`.
static void done(uint32_t call)
{
    uint32_t event[2];
    if (STATE(call) == RETURNED) return;
    join(call >> 4, set);
    do set_wait(set, event); while (event[1] != RETURNED);
    subtask_drop(call >> 4);
}

static uint8_t fs_error(void) { return result[0] ? result[4] : 255; }

static handle preopen(void)
{
    struct preopens all;
    get_directories(&all);
    MUST(all.count == 1);
    return all.items[0].directory;
}

struct open { handle self; uint8_t follow; const char *path; size_t size; uint8_t open_flags, flags; };
struct two_paths { handle self; const char *old; size_t old_size; const char *path; size_t size; };
struct rename { handle self; const char *old; size_t old_size; handle to; const char *path; size_t size; };

static handle open(handle in, const char *path, size_t size, uint8_t open_flags, uint8_t flags)
{
    struct open parameters = {in, 1, path, size, open_flags, flags};
    done(open_at(&parameters, result));
    MUST(!result[0]);
    return *(handle *)(result + 4);
}

static void escape(void)
{
    static const struct text outside[] = {
        {P("..")}, {P("../outside")}, {P("/")}, {P("/etc/passwd")}, {P("inside/../../outside")}, {P("link-up/outside")}, {P("link-file")}, {P("./../outside")}, {P("inside/link-up-up/outside")},
    };
    handle root = preopen();
    for (uint32_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        const char *path = outside[i].data;
        uint32_t size = outside[i].size;
        done(stat_at(root, 1, path, size, result));
        MUST(result[0] && result[8] == FS_NOT_PERMITTED);
        struct open reading = {root, 1, path, size, 0, 1}, creating = {root, 1, path, size, 1, 3};
        done(open_at(&reading, result));
        MUST(fs_error() == FS_NOT_PERMITTED);
        done(open_at(&creating, result));
        MUST(fs_error() == FS_NOT_PERMITTED);
        if (i == 6) continue; // the link itself is inside, and the guest's to remove
        done(unlink_file_at(root, path, size, result));
        MUST(result[0]);
        done(create_directory_at(root, path, size, result));
        MUST(result[0]);
        struct rename out = {root, P("inside"), root, path, size}, in = {root, path, size, root, P("stolen")};
        done(rename_at(&out, result));
        MUST(result[0]);
        done(rename_at(&in, result));
        MUST(result[0]);
    }
    struct two_paths absolute = {root, P("/etc/passwd"), P("made")};
    done(symlink_at(&absolute, result));
    MUST(fs_error() == FS_NOT_PERMITTED);
    done(readlink_at(root, P("link-absolute"), result));
    MUST(fs_error() == FS_NOT_PERMITTED);
    done(stat_at(root, 0, P("in\0side"), result));
    MUST(result[0] && result[8] == FS_INVALID);
}

static void drops(void)
{
    struct ends ends;
    handle root = preopen();
    read_directory(root, &ends); // before
    entries_drop(ends.stream);
    MUST(COUNT(outcome(entries_end(ends.end, result), ends.end)) == 0 && !result[0]);
    entries_end_drop(ends.end);

    read_directory(root, &ends); // in the middle, and the outcome unread
    MUST(COUNT(outcome(entries_read(ends.stream, block, 1), ends.stream)) == 1);
    entries_drop(ends.stream);
    entries_end_drop(ends.end);

    handle big = open(root, P("big"), 0, 1);
    read_via_stream(big, 5, &ends);
    descriptor_drop(big); // the stream goes on
    MUST(COUNT(outcome(content_read(ends.stream, block, 10), ends.stream)) == 10);
    content_drop(ends.stream);
    outcome(content_end(ends.end, result), ends.end);
    MUST(!result[0]);
    content_end_drop(ends.end);

    handle kept = open(root, P("kept"), 1, 3);
    for (uint32_t i = 0; i < sizeof block; i++) block[i] = (uint8_t)i;
    uint64_t data = data_new();
    handle written = write_via_stream(kept, READABLE(data), 0);
    for (uint32_t at = 0; at < sizeof block;)
        at += COUNT(outcome(data_write(WRITABLE(data), block + at, sizeof block - at), WRITABLE(data)));
    written_drop(written); // nobody asks what became of it
    descriptor_drop(kept);
    data_close(WRITABLE(data));

    handle directory = open(root, P("."), 2, 1); // a stream that nobody takes
    data = data_new();
    written = write_via_stream(directory, READABLE(data), 0);
    MUST(STATE(outcome(data_write(WRITABLE(data), block, 1), WRITABLE(data))) == DROPPED);
    outcome(written_read(written, result), written);
    MUST(result[0]);
    data_close(WRITABLE(data));

    kept = open(root, P("cut"), 1, 3); // a write that is cancelled, then the end dropped
    data = data_new();
    written = write_via_stream(kept, READABLE(data), 0);
    if (data_write(WRITABLE(data), block, sizeof block) == BLOCKED) data_cancel(WRITABLE(data));
    data_close(WRITABLE(data));
    outcome(written_read(written, result), written);
    MUST(!result[0]);
    done(sync_file(kept, result));
    MUST(!result[0]);
}

static void flood(void)
{
    struct ends ends;
    handle big = open(preopen(), P("big"), 0, 1);
    for (uint32_t i = 0; i < 5000; i++) {
        read_via_stream(big, 0, &ends);
        if (STATE(outcome(content_read(ends.stream, block, 1), ends.stream)) == COMPLETED) continue;
        outcome(content_end(ends.end, result), ends.end);
        MUST(fs_error() == FS_INSUFFICIENT_MEMORY);
        return;
    }
    MUST(0);
}

// option<ip-socket-address> of IPv4 and what goes before it.
struct send { handle self; const char *data; size_t size; uint8_t some; alignas(4) uint8_t tag; alignas(4) uint16_t port; uint8_t address[4]; uint8_t rest[24]; };

static handle udp(void)
{
    udp_create(0, result);
    MUST(!result[0]);
    return *(handle *)(result + 4);
}

static void datagrams(uint32_t port)
{
    handle socket = udp();
    struct send denied = {socket, P("x"), 1, 0, (uint16_t)(port ^ 1), {127, 0, 0, 1}, {}}, other = {socket, P("x"), 1, 0, (uint16_t)port, {127, 0, 0, 2}, {}},
                nowhere = {socket, P("x"), 0, 0, 0, {}, {}}, allowed = {socket, P("hello"), 1, 0, (uint16_t)port, {127, 0, 0, 1}, {}};
    done(udp_send(&denied, result));
    MUST(result[0] && result[4] == NET_ACCESS_DENIED);
    done(udp_send(&other, result));
    MUST(result[0] && result[4] == NET_ACCESS_DENIED);
    done(udp_send(&nowhere, result));
    MUST(result[0] && result[4] == NET_INVALID_ARGUMENT);
    udp_bind(socket, 0, 53, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, result);
    MUST(result[0] && result[4] == NET_ACCESS_DENIED);
    done(udp_send(&allowed, result));
    MUST(!result[0]);
    done(udp_receive(socket, result)); // the peer has a stranger write first
    MUST(!result[0] && *(uint16_t *)(result + 16) == port && *(size_t *)(result + 8) == 6 && !__builtin_memcmp(*(char **)(result + 4), "answer", 6));
    done(resolve_addresses(P("example.invalid"), result));
    MUST(result[0] && result[4] == NET_ACCESS_DENIED);
}

static void cancel(void)
{
    handle socket = udp();
    udp_bind(socket, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, result);
    MUST(!result[0]);
    uint32_t call = udp_receive(socket, result);
    MUST(STATE(call) == STARTED);
    handle subtask = call >> 4;
    uint32_t state = subtask_cancel(subtask);
    if (state == BLOCKED) {
        uint32_t event[2];
        join(subtask, set);
        set_wait(set, event);
        state = event[1];
    }
    MUST(state == CANCELLED_BEFORE_RETURNED);
    subtask_drop(subtask);
    udp_drop(socket);

    tcp_create(0, result);
    MUST(!result[0]);
    handle listener = *(handle *)(result + 4), accepted;
    tcp_bind(listener, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, result);
    MUST(!result[0]);
    tcp_listen(listener, result);
    MUST(!result[0]);
    handle accepting = *(handle *)(result + 4);
    MUST(accept_read(accepting, &accepted, 1) == BLOCKED);
    tcp_drop(listener); // the stream goes on
    MUST(STATE(accept_cancel(accepting)) == CANCELLED);
    accept_drop(accepting);
}

static uint32_t number(struct text digits)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < digits.size && digits.data[i] >= '0' && digits.data[i] <= '9'; i++) n = n * 10 + (uint32_t)(digits.data[i] - '0');
    return n;
}

EXPORT("wasi:cli/run@0.3.0#run") uint32_t run(void)
{
    struct texts arguments;
    get_arguments(&arguments);
    if (arguments.count < 2) return 1;
    set = set_new();
    switch (arguments.items[1].data[0]) {
    case 'e': escape(); break;
    case 'd': drops(); break;
    case 'f': flood(); break;
    case 'u': datagrams(number(arguments.items[2])); break;
    case 'c': cancel(); break;
    default: return 1;
    }
    return 0;
}
