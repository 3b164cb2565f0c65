// A command that does one thing per call, so that a test can ask for exactly the host function it means.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char usage[] =
    "c-cli                  Hello from C\n"
    "c-cli args A…          each argument on a line\n"
    "c-cli env [NAME…]      values, or all of NAME=VALUE\n"
    "c-cli cat              standard input to standard output\n"
    "c-cli upper            the same in capitals, line by line\n"
    "c-cli err TEXT         a line on standard error\n"
    "c-cli exit N           ends with status N\n"
    "c-cli read PATH        a file's bytes\n"
    "c-cli write PATH TEXT  makes or replaces a file\n"
    "c-cli append PATH TEXT adds to a file\n"
    "c-cli list DIR         names, sorted, folders with a slash\n"
    "c-cli stat PATH        kind and size\n"
    "c-cli mkdir DIR | rm PATH | mv FROM TO\n"
    "c-cli time             seconds since 1970\n"
    "c-cli sleep MS         sleeps, then says so\n"
    "c-cli random N         N random bytes as hexadecimal\n"
    "c-cli memory MIB       touches that much memory\n"
    "c-cli trap | spin      an unreachable instruction; a loop without end\n";

static int fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    return 1;
}

static int copy(FILE *from, FILE *to)
{
    char buffer[16384];
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, from)) > 0;)
        if (fwrite(buffer, 1, n, to) != n) return fail("write");
    return ferror(from) ? fail("read") : 0;
}

static int upper(void)
{
    for (int c; (c = getchar()) != EOF;) {
        putchar(c >= 'a' && c <= 'z' ? c - 32 : c);
        if (c == '\n') fflush(stdout);
    }
    return 0;
}

static int env(int count, char **names)
{
    if (count == 0)
        for (char **e = environ; *e; e++) puts(*e);
    for (int i = 0; i < count; i++) {
        const char *value = getenv(names[i]);
        puts(value ? value : "(unset)");
    }
    return 0;
}

static int read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) return fail(path);
    int status = copy(file, stdout);
    fclose(file);
    return status;
}

static int write_file(const char *path, const char *text, const char *mode)
{
    FILE *file = fopen(path, mode);
    if (!file) return fail(path);
    int bad = fputs(text, file) < 0;
    return fclose(file) || bad ? fail(path) : 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static int list(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, 0, by_name);
    if (count < 0) return fail(path);
    for (int i = 0; i < count; i++)
        if (strcmp(entries[i]->d_name, ".") && strcmp(entries[i]->d_name, ".."))
            printf("%s%s\n", entries[i]->d_name, entries[i]->d_type == DT_DIR ? "/" : "");
    return 0;
}

static int status(const char *path)
{
    struct stat s;
    if (stat(path, &s)) return fail(path);
    printf("%s %lld\n", S_ISDIR(s.st_mode) ? "directory" : S_ISREG(s.st_mode) ? "file" : "other", (long long)s.st_size);
    return 0;
}

static int sleep_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    if (nanosleep(&t, 0)) return fail("sleep");
    puts("slept");
    return 0;
}

static int random_bytes(long count)
{
    unsigned char b[256];
    if (count < 0 || count > (long)sizeof b) return errno = EINVAL, fail("random");
    if (getentropy(b, (size_t)count)) return fail("random");
    for (long i = 0; i < count; i++) printf("%02x", b[i]);
    putchar('\n');
    return 0;
}

static int memory(long mib)
{
    volatile char *p = malloc((size_t)mib << 20);
    if (!p) return fail("memory");
    for (size_t i = 0; i < (size_t)mib << 20; i += 4096) p[i] = 1;
    puts("touched");
    return 0;
}

static int changed(int failed, const char *path) { return failed ? fail(path) : 0; }

int main(int argc, char **argv)
{
    if (argc < 2) return puts("Hello from C"), 0;
    const char *verb = argv[1];
    int rest = argc - 2;
    char **arg = argv + 2;
#define IS(name, count) (!strcmp(verb, name) && rest >= (count))
    if (IS("args", 0)) {
        for (int i = 0; i < rest; i++) puts(arg[i]);
        return 0;
    }
    if (IS("env", 0)) return env(rest, arg);
    if (IS("cat", 0)) return copy(stdin, stdout);
    if (IS("upper", 0)) return upper();
    if (IS("err", 1)) return fprintf(stderr, "%s\n", arg[0]), 0;
    if (IS("exit", 1)) exit(atoi(arg[0]));
    if (IS("read", 1)) return read_file(arg[0]);
    if (IS("write", 2)) return write_file(arg[0], arg[1], "wb");
    if (IS("append", 2)) return write_file(arg[0], arg[1], "ab");
    if (IS("list", 1)) return list(arg[0]);
    if (IS("stat", 1)) return status(arg[0]);
    if (IS("mkdir", 1)) return changed(mkdir(arg[0], 0777), arg[0]);
    if (IS("rm", 1)) return changed(remove(arg[0]), arg[0]);
    if (IS("mv", 2)) return changed(rename(arg[0], arg[1]), arg[0]);
    if (IS("time", 0)) return printf("%lld\n", (long long)time(0)), 0;
    if (IS("sleep", 1)) return sleep_ms(atol(arg[0]));
    if (IS("random", 1)) return random_bytes(atol(arg[0]));
    if (IS("memory", 1)) return memory(atol(arg[0]));
    if (IS("trap", 0)) __builtin_trap();
    if (IS("spin", 0)) for (volatile int i = 0;; i++) {}
    fputs(usage, stderr);
    return 2;
}
