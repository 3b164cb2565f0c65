// A WASI 0.3 command in C without libc or generator.
//
//   c-p3              "Hello from C\n"
//   c-p3 args A…      each argument on a line
//   c-p3 upper        standard input in capitals to standard output, as it comes
//   c-p3 sleep MS     sleeps, then says so
//   c-p3 exit N       wasi:cli/exit
//   c-p3 fail         run returns an error
#include "arena.h"
#include "async.h"

#define IN "wasi:cli/stdin@0.3.0"
#define OUT "wasi:cli/stdout@0.3.0"
#define RUN "wasi:cli/run@0.3.0"

struct text { const char *data; uint32_t size; };
struct texts { struct text *items; uint32_t count; };
struct input { handle stream, end; }; // tuple<stream<u8>, future<result<_, error-code>>>

IMPORT("wasi:cli/environment@0.3.0", "get-arguments") void get_arguments(struct texts *ret);
IMPORT("wasi:cli/exit@0.3.0", "exit-with-code") void exit_with_code(uint32_t);
IMPORT("wasi:clocks/monotonic-clock@0.3.0", "[async-lower]wait-for") uint32_t wait_for(uint64_t nanoseconds);
IMPORT(IN, "read-via-stream") void read_via_stream(struct input *ret);
IMPORT(IN, "[async-lower][stream-read-0]read-via-stream") uint32_t in_read(handle, void *, size_t);
IMPORT(IN, "[stream-drop-readable-0]read-via-stream") void in_drop(handle);
IMPORT(IN, "[future-drop-readable-1]read-via-stream") void in_end_drop(handle);
IMPORT(OUT, "write-via-stream") handle write_via_stream(handle);
IMPORT(OUT, "[stream-new-0]write-via-stream") uint64_t out_new(void);
IMPORT(OUT, "[async-lower][stream-write-0]write-via-stream") uint32_t out_write(handle, const void *, size_t);
IMPORT(OUT, "[stream-drop-writable-0]write-via-stream") void out_close(handle);
IMPORT(OUT, "[async-lower][future-read-1]write-via-stream") uint32_t written_read(handle, void *);
IMPORT(OUT, "[future-drop-readable-1]write-via-stream") void written_drop(handle);
IMPORT("[export]" RUN, "[task-return]run") void run_return(uint32_t failed);

#define TEXT(s) ((struct text){(s), sizeof(s) - 1})
#define IS(text, word) ((text).size == sizeof(word) - 1 && !__builtin_memcmp((text).data, (word), sizeof(word) - 1))

// There is one task; SLEEPING → WRITING ⇄ READING → CLOSING → EXIT.
static enum { SLEEPING, WRITING, READING, CLOSING } stage;
static handle set, timer, out, written;
static struct input in;
static struct text rest;
static int ended;
static char buffer[16384];
static uint8_t result[2]; // result<_, error-code> of the writing

int memcmp(const void *a, const void *b, size_t n)
{
    for (const uint8_t *x = a, *y = b; n--; x++, y++)
        if (*x != *y) return *x - *y;
    return 0;
}

static uint32_t wait_on(handle waitable)
{
    if (!set) set = set_new();
    return wait_for_one(set, waitable);
}

static void capitals(char *s, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (s[i] >= 'a' && s[i] <= 'z') s[i] -= 32;
}

static uint32_t advance(uint32_t outcome)
{
    for (;;) switch (stage) {
    case SLEEPING: __builtin_trap();
    case WRITING:
        if (outcome == BLOCKED) return wait_on(out);
        rest.data += COUNT(outcome), rest.size -= COUNT(outcome);
        if (STATE(outcome) == DROPPED) rest.size = 0, ended = 1;
        if (rest.size) outcome = out_write(out, rest.data, rest.size);
        else if (in.stream && !ended) {
            stage = READING;
            outcome = in_read(in.stream, buffer, sizeof buffer);
        } else {
            stage = CLOSING;
            if (in.stream) in_drop(in.stream), in_end_drop(in.end);
            out_close(out);
            outcome = written_read(written, result);
        }
        break;
    case READING:
        if (outcome == BLOCKED) return wait_on(in.stream);
        ended = STATE(outcome) == DROPPED;
        rest = (struct text){buffer, COUNT(outcome)};
        capitals(buffer, rest.size);
        stage = WRITING;
        outcome = 0;
        break;
    case CLOSING:
        if (outcome == BLOCKED) return wait_on(written);
        written_drop(written);
        if (set) set_drop(set);
        run_return(result[0]);
        return EXIT;
    }
}

static uint32_t print(struct text text)
{
    uint64_t ends = out_new();
    out = WRITABLE(ends);
    written = write_via_stream(READABLE(ends));
    stage = WRITING, rest = text;
    return advance(0);
}

static uint32_t number(struct text digits)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < digits.size && i < 9 && digits.data[i] >= '0' && digits.data[i] <= '9'; i++) n = n * 10 + (uint32_t)(digits.data[i] - '0');
    return n;
}

static struct text lines(struct texts all, uint32_t from)
{
    uint32_t size = 0;
    for (uint32_t i = from; i < all.count; i++) size += all.items[i].size + 1;
    char *start = arena_alloc(size, 1), *to = start;
    for (uint32_t i = from; i < all.count; i++) {
        __builtin_memcpy(to, all.items[i].data, all.items[i].size);
        to += all.items[i].size;
        *to++ = '\n';
    }
    return (struct text){start, size};
}

EXPORT("[async-lift]" RUN "#run") uint32_t run(void)
{
    struct texts args;
    get_arguments(&args);
    if (args.count < 2) return print(TEXT("Hello from C\n"));
    struct text verb = args.items[1], operand = args.count > 2 ? args.items[2] : TEXT("");
    if (IS(verb, "args")) return print(lines(args, 2));
    if (IS(verb, "upper")) {
        read_via_stream(&in);
        return print(TEXT(""));
    }
    if (IS(verb, "sleep")) {
        uint32_t state = wait_for((uint64_t)number(operand) * 1000000);
        if (STATE(state) == RETURNED) return print(TEXT("slept\n"));
        stage = SLEEPING, timer = state >> 4;
        return wait_on(timer);
    }
    if (IS(verb, "exit")) exit_with_code(number(operand));
    run_return(1); // `fail`, and all that is not known
    return EXIT;
}

EXPORT("[callback][async-lift]" RUN "#run") uint32_t run_callback(uint32_t, handle waitable, uint32_t outcome)
{
    if (stage == SLEEPING && outcome < RETURNED) return wait_on(timer);
    if (stage == SLEEPING) return subtask_drop(timer), print(TEXT("slept\n"));
    join(waitable, 0);
    return advance(outcome);
}
