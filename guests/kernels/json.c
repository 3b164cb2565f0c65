// Branches, bytes and calls: writes a JSON document, and reads it with a recursive parser.
static char text[1 << 20];
static const char *at;

static char *put(char *to, const char *from)
{
    while (*from)
        *to++ = *from++;
    return to;
}

static char *number(char *to, unsigned value)
{
    char digits[10];
    int n = 0;
    do
        digits[n++] = (char)('0' + value % 10);
    while (value /= 10);
    while (n > 0)
        *to++ = digits[--n];
    return to;
}

static void space(void)
{
    while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')
        at++;
}

static unsigned string(void)
{
    unsigned hash = 5381;
    for (at++; *at != '"'; at++) {
        if (*at == '\\')
            at++;
        hash = hash * 33 + (unsigned char)*at;
    }
    at++;
    return hash;
}

__attribute__((noinline)) static unsigned value(void)
{
    unsigned sum = 0;
    space();
    switch (*at) {
    case '{':
        for (at++, space(); *at != '}'; space()) {
            sum += string();
            space();
            at++;
            sum = sum * 31 + value();
            space();
            if (*at == ',')
                at++, space();
        }
        at++;
        return sum;
    case '[':
        for (at++, space(); *at != ']'; space()) {
            sum = sum * 31 + value();
            space();
            if (*at == ',')
                at++, space();
        }
        at++;
        return sum;
    case '"':
        return string();
    case 't':
        at += 4;
        return 1;
    case 'f':
        at += 5;
        return 2;
    case 'n':
        at += 4;
        return 3;
    default:
        for (; (*at >= '0' && *at <= '9') || *at == '-' || *at == '.'; at++)
            sum = sum * 10 + (unsigned)(*at & 15);
        return sum;
    }
}

__attribute__((export_name("run"))) unsigned run(unsigned rounds)
{
    unsigned sum = 0;
    for (unsigned r = 0; r < rounds; r++) {
        char *to = put(text, "[");
        for (unsigned i = 0; i < 2000; i++) {
            to = put(to, i ? ", {\"id\": " : "{\"id\": ");
            to = number(to, i * 7919 + r);
            to = put(to, ", \"name\": \"guest \\\"number\\\" ");
            to = number(to, i);
            to = put(to, "\", \"tags\": [\"a\", \"bc\", true, null, 3.25], \"nested\": {\"x\": [1, [2, [3]]]}}");
        }
        to = put(to, "]");
        *to = 0;
        at = text;
        sum = sum * 17 + value();
    }
    return sum;
}
