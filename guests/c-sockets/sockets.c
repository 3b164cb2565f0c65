// WASI 0.2 sockets through wasi-libc.
//   c-sockets tcp HOST PORT TEXT   connects, sends TEXT and a newline, prints what comes back until the peer closes
//   c-sockets echo HOST PORT       listens, prints the port, serves one connection: every byte goes back
//   c-sockets udp HOST PORT TEXT   sends a datagram, prints the answer
//   c-sockets resolve NAME         the addresses of a name, one on a line
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    return 1;
}

static struct addrinfo *look_up(const char *host, const char *port, int kind)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = kind}, *list = 0;
    int error = getaddrinfo(host, port, &hints, &list);
    if (error) fprintf(stderr, "%s: not found (%d)\n", host, error);
    return error ? 0 : list;
}

static int send_all(int fd, const char *data, size_t size)
{
    for (ssize_t n; size; data += n, size -= (size_t)n)
        if ((n = send(fd, data, size, 0)) < 0) return 0;
    return 1;
}

static int tcp(const char *host, const char *port, const char *text)
{
    struct addrinfo *to = look_up(host, port, SOCK_STREAM);
    if (!to) return 1;
    int fd = socket(to->ai_family, SOCK_STREAM, 0);
    if (fd < 0) return fail("socket");
    if (connect(fd, to->ai_addr, to->ai_addrlen)) return fail("connect");
    if (!send_all(fd, text, strlen(text)) || !send_all(fd, "\n", 1)) return fail("send");
    if (shutdown(fd, SHUT_WR)) return fail("shutdown");
    char buffer[4096];
    ssize_t n;
    while ((n = recv(fd, buffer, sizeof buffer, 0)) > 0) fwrite(buffer, 1, (size_t)n, stdout);
    return n < 0 ? fail("recv") : close(fd);
}

static int echo(const char *host, const char *port)
{
    struct addrinfo *at = look_up(host, port, SOCK_STREAM);
    if (!at) return 1;
    int listener = socket(at->ai_family, SOCK_STREAM, 0);
    if (listener < 0) return fail("socket");
    if (bind(listener, at->ai_addr, at->ai_addrlen)) return fail("bind");
    if (listen(listener, 8)) return fail("listen");
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    if (getsockname(listener, (struct sockaddr *)&bound, &size)) return fail("getsockname");
    uint16_t number = bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port : ((struct sockaddr_in *)&bound)->sin_port;
    printf("%d\n", ntohs(number));
    fflush(stdout);
    int fd = accept(listener, 0, 0);
    if (fd < 0) return fail("accept");
    char buffer[4096];
    ssize_t n;
    while ((n = recv(fd, buffer, sizeof buffer, 0)) > 0)
        if (!send_all(fd, buffer, (size_t)n)) return fail("send");
    return n < 0 ? fail("recv") : (close(fd), close(listener));
}

static int udp(const char *host, const char *port, const char *text)
{
    struct addrinfo *to = look_up(host, port, SOCK_DGRAM);
    if (!to) return 1;
    int fd = socket(to->ai_family, SOCK_DGRAM, 0);
    if (fd < 0) return fail("socket");
    if (sendto(fd, text, strlen(text), 0, to->ai_addr, to->ai_addrlen) < 0) return fail("sendto");
    char buffer[4096];
    ssize_t n = recvfrom(fd, buffer, sizeof buffer, 0, 0, 0);
    if (n < 0) return fail("recvfrom");
    printf("%.*s\n", (int)n, buffer);
    return close(fd);
}

static int resolve(const char *name)
{
    struct addrinfo *list = look_up(name, 0, SOCK_STREAM);
    for (struct addrinfo *a = list; a; a = a->ai_next) {
        char text[INET6_ADDRSTRLEN];
        const void *address = a->ai_family == AF_INET6 ? (void *)&((struct sockaddr_in6 *)a->ai_addr)->sin6_addr
                                                       : (void *)&((struct sockaddr_in *)a->ai_addr)->sin_addr;
        puts(inet_ntop(a->ai_family, address, text, sizeof text));
    }
    return !list;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    if (!strcmp(verb, "tcp") && argc == 5) return tcp(argv[2], argv[3], argv[4]);
    if (!strcmp(verb, "echo") && argc == 4) return echo(argv[2], argv[3]);
    if (!strcmp(verb, "udp") && argc == 5) return udp(argv[2], argv[3], argv[4]);
    if (!strcmp(verb, "resolve") && argc == 3) return resolve(argv[2]);
    fputs("c-sockets tcp HOST PORT TEXT | echo HOST PORT | udp HOST PORT TEXT | resolve NAME\n", stderr);
    return 2;
}
