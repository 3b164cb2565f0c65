// Answers requests, takes messages, runs at times: whatever calls it, it is a program with arguments, environment, standard input and output.
#include <stdio.h>
#include <stdlib.h>

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

int main(void) {
    if (getenv("REQUEST_METHOD"))
        printf("Content-Type: text/plain\n\nHello, %s\n", variable("PATH_INFO"));
    else
        printf("called by %s%s\n", variable("WINDHOVER_TRIGGER"), variable("WINDHOVER_TOPIC"));
    int c;
    while ((c = getchar()) != EOF)
        putchar(c);
    return 0;
}
