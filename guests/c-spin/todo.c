// A SQLite app as one writes it for Spin: GET lists the notes, POST adds the body as one.
#include "answer.h"

#define SPIN "fermyon:spin/sqlite@2.0.0"

struct value { uint8_t tag; union { int64_t integer; double real; struct text text; }; };
struct row { struct value *values; size_t count; };
struct result { uint8_t failed; union { handle handle; struct { uint8_t tag; struct text message; } error; struct { struct text *columns; size_t width; struct row *rows; size_t count; } rows; }; };

IMPORT(SPIN, "[static]connection.open") void connection_open(const char *, size_t, struct result *);
IMPORT(SPIN, "[method]connection.execute") void connection_execute(handle, const char *, size_t, const struct value *, size_t, struct result *);
IMPORT(SPIN, "[resource-drop]connection") void connection_drop(handle);

static struct result execute(handle connection, struct text sql, const struct value *parameters, size_t count)
{
    struct result r;
    connection_execute(connection, sql.data, sql.size, parameters, count, &r);
    return r;
}

static void fail(handle out, const struct result *r)
{
    answer_text(out, 500, r->error.tag < 4
        ? (const struct text[]){TEXT("no such database"), TEXT("access denied"), TEXT("invalid connection"), TEXT("database full")}[r->error.tag] : r->error.message);
}

EXPORT("wasi:http/incoming-handler@0.2.12#handle") void handle_request(handle request, handle out)
{
    arena_top = (uintptr_t)&__heap_base;
    struct result opened, r;
    connection_open("default", 7, &opened);
    if (opened.failed) return fail(out, &opened);
    r = execute(opened.handle, TEXT("create table if not exists notes (id integer primary key, note text not null)"), 0, 0);
    if (!r.failed && method_of(request) == POST) {
        struct value note = {2, {.text = body_of(request)}};
        r = execute(opened.handle, TEXT("insert into notes (note) values (?)"), &note, 1);
        if (!r.failed) answer_text(out, 201, TEXT(""));
    } else if (!r.failed) {
        r = execute(opened.handle, TEXT("select note from notes order by id"), 0, 0);
        if (!r.failed) {
            struct text all = {(char *)arena_top, 0};
            for (size_t i = 0; i < r.rows.count; i++) {
                struct text note = r.rows.rows[i].values[0].text;
                char *line = arena_alloc(note.size + 1, 1);
                __builtin_memcpy(line, note.data, note.size);
                line[note.size] = '\n';
                all.size += note.size + 1;
            }
            answer_text(out, 200, all);
        }
    }

    if (r.failed) fail(out, &r);
    connection_drop(opened.handle);
    request_drop(request);
}
