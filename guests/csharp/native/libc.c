// .NET's static libraries for the browser are compiled against Emscripten's C library. These functions stand between them and wasi-libc
// wherever the two differ in a structure, a constant or a type. The ones named wrapped_… are put in place by the linker (--wrap=…).
#define _WASI_EMULATED_SIGNAL
#define _WASI_EMULATED_MMAN
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WRAPPED(name) __wrap_##name
#define REAL(name) __real_##name

// ---- printf: Emscripten splits it by whether floating point is printed ----

#define FORMAT(name, target, function)      \
    int name(target to, const char *format, ...) \
    {                                       \
        va_list args;                       \
        va_start(args, format);             \
        int n = function(to, format, args); \
        va_end(args);                       \
        return n;                           \
    }
FORMAT(fiprintf, FILE *, vfprintf)
FORMAT(__small_fprintf, FILE *, vfprintf)
FORMAT(siprintf, char *, vsprintf)
FORMAT(__small_sprintf, char *, vsprintf)

// ---- memory: whole zeroed blocks; nothing can be protected or shared ----

void *WRAPPED(mmap)(void *, size_t size, int, int flags, int fd, off_t offset)
{
    enum { ANONYMOUS = 0x20 };
    char *block;
    if (posix_memalign((void **)&block, 65536, size)) return errno = ENOMEM, (void *)-1;
    memset(block, 0, size);
    if (fd >= 0 && !(flags & ANONYMOUS))
        for (size_t done = 0; done < size;) {
            ssize_t n = pread(fd, block + done, size - done, offset + (off_t)done);
            if (n <= 0) break;
            done += (size_t)n;
        }
    return block;
}

int WRAPPED(munmap)(void *block, size_t) { return free(block), 0; }
int WRAPPED(mprotect)(void *, size_t, int) { return 0; }
int madvise(void *, size_t, int) { return 0; }
int msync(void *, size_t, int) { return 0; }

// ---- time: a clock's id is a number there and a pointer here ----

int REAL(clock_gettime)(clockid_t, struct timespec *);
int REAL(clock_getres)(clockid_t, struct timespec *);

static clockid_t clock_of(int id)
{
    enum { REALTIME = 0, REALTIME_COARSE = 5 };
    return id == REALTIME || id == REALTIME_COARSE ? CLOCK_REALTIME : CLOCK_MONOTONIC;
}

int WRAPPED(clock_gettime)(int id, struct timespec *t) { return REAL(clock_gettime)(clock_of(id), t); }
int WRAPPED(clock_getres)(int id, struct timespec *t) { return REAL(clock_getres)(clock_of(id), t); }

// ---- files ----

struct emscripten_time { int64_t seconds; int32_t nanoseconds; };
struct emscripten_stat {
    uint32_t device, mode, links, user, group, special;
    int64_t size;
    int32_t block_size, blocks;
    struct emscripten_time read, written, changed;
    uint64_t inode;
};

int REAL(stat)(const char *, struct stat *);
int REAL(lstat)(const char *, struct stat *);
int REAL(fstat)(int, struct stat *);

static struct emscripten_time time_of(struct timespec t) { return (struct emscripten_time){t.tv_sec, (int32_t)t.tv_nsec}; }

static int converted(int failed, const struct stat *s, struct emscripten_stat *to)
{
    if (failed) return failed;
    *to = (struct emscripten_stat){
        .device = (uint32_t)s->st_dev, .links = (uint32_t)s->st_nlink, .size = s->st_size, .inode = s->st_ino,
        .mode = s->st_mode | (S_ISDIR(s->st_mode) ? 0755 : 0644), // WASI has no permissions; .NET looks at them
        .block_size = 4096, .blocks = (int32_t)((s->st_size + 511) / 512),
        .read = time_of(s->st_atim), .written = time_of(s->st_mtim), .changed = time_of(s->st_ctim),
    };
    return 0;
}

int WRAPPED(stat)(const char *path, struct emscripten_stat *to)
{
    struct stat s;
    return converted(REAL(stat)(path, &s), &s, to);
}

int WRAPPED(lstat)(const char *path, struct emscripten_stat *to)
{
    struct stat s;
    return converted(REAL(lstat)(path, &s), &s, to);
}

int WRAPPED(fstat)(int fd, struct emscripten_stat *to)
{
    struct stat s;
    return converted(REAL(fstat)(fd, &s), &s, to);
}

int REAL(open)(const char *, int, ...);

int WRAPPED(open)(const char *path, int flags, ...)
{
    static const int access[] = {O_RDONLY, O_WRONLY, O_RDWR, O_RDWR};
    static const struct { int there, here; } bits[] = {{0100, O_CREAT}, {0200, O_EXCL}, {01000, O_TRUNC}, {02000, O_APPEND}, {0200000, O_DIRECTORY}};
    int converted = access[flags & 3];
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        if (flags & bits[i].there) converted |= bits[i].here;
    return REAL(open)(path, converted, 0666);
}

struct emscripten_dirent { uint64_t inode; int64_t offset; uint16_t size; uint8_t type; char name[256]; };
struct dirent *REAL(readdir)(DIR *);

struct emscripten_dirent *WRAPPED(readdir)(DIR *folder)
{
    enum { FOLDER = 4, REGULAR = 8, LINK = 10 };
    static struct emscripten_dirent entry;
    const struct dirent *d = REAL(readdir)(folder);
    if (!d) return 0;
    entry = (struct emscripten_dirent){
        .inode = d->d_ino, .size = sizeof entry,
        .type = d->d_type == DT_DIR ? FOLDER : d->d_type == DT_REG ? REGULAR : d->d_type == DT_LNK ? LINK : 0,
    };
    strncpy(entry.name, d->d_name, sizeof entry.name - 1);
    return &entry;
}

int WRAPPED(dup)(int fd) { return fd; }

int WRAPPED(fcntl)(int fd, int command, ...)
{
    enum { DUPLICATE = 0, GET_FLAGS = 3, DUPLICATE_CLOEXEC = 1030, READ_WRITE = 2 };
    return command == DUPLICATE || command == DUPLICATE_CLOEXEC ? fd : command == GET_FLAGS ? READ_WRITE : 0;
}

// ---- what WASI does not have ----

static int unsupported(void) { return errno = ENOSYS, -1; }

int flock(int, int) { return 0; }
void sync(void) {}
uid_t geteuid(void) { return 0; }
gid_t getegid(void) { return 0; }
char *mkdtemp(char *) { return unsupported(), (char *)0; }
int mkstemps(char *, int) { return unsupported(); }
int fstatfs(int, void *) { return unsupported(); }
const char *gai_strerror(int) { return "not supported"; }
void *dlopen(const char *, int) { return 0; }
void syslog(int, const char *, void *) {}

// One thread: a semaphore is a number, and waiting for it would never end.
int sem_init(int *s, int, unsigned value) { return *s = (int)value, 0; }
int sem_destroy(int *) { return 0; }
int sem_post(int *s) { return ++*s, 0; }
int sem_trywait(int *s) { return *s > 0 ? --*s, 0 : (errno = EAGAIN, -1); }
int sem_wait(int *s) { return *s > 0 ? --*s, 0 : (errno = EDEADLK, -1); }
