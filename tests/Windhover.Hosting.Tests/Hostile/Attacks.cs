using System.Net;

namespace Windhover.Hosting.Tests.Hostile;

/// <summary>What must become of an attack.</summary>
public enum Outcome
{
    /// <summary>The interface answers with an error, and the guest goes on: 200 with `refused`.</summary>
    Refused,

    /// <summary>The guest traps, or has no answer that can be sent: 500.</summary>
    Trap,

    /// <summary>The guest is stopped when its time is over: 504.</summary>
    Stopped,

    /// <summary>The answer had begun: the connection is broken off, so that nobody takes a part for the whole.</summary>
    Broken,

    /// <summary>The guest harms itself only: it answers or traps.</summary>
    Own,
}

/// <summary>One attack: a path of guests/c-hostile, and what must happen.</summary>
public sealed record Attack(string Name, Outcome Outcome, string What)
{
    /// <summary>All attacks through HTTP, in the order of docs/hostile.md.</summary>
    public static IReadOnlyList<Attack> All { get; } =
    [
        new("spin", Outcome.Stopped, "an endless loop without memory access"),
        new("spin_memory", Outcome.Stopped, "an endless loop over memory"),
        new("spin_calls", Outcome.Stopped, "an endless loop of indirect calls"),
        new("spin_float", Outcome.Stopped, "an endless loop of floating-point arithmetic"),
        new("spin_host", Outcome.Stopped, "an endless loop of host calls"),
        new("spin_copy", Outcome.Stopped, "an endless loop of bulk memory operations"),
        new("spin_poll", Outcome.Stopped, "an endless loop that polls what is ready"),
        new("sleep_forever", Outcome.Stopped, "a timer of 2^64 - 1 ns, waited for"),
        new("random_forever", Outcome.Stopped, "a MiB of random bytes, over and over"),
        new("recursion", Outcome.Trap, "endless recursion"),
        new("realloc_spins", Outcome.Stopped, "an allocator that never returns to the host that called it"),
        new("realloc_outside", Outcome.Trap, "an allocator that answers outside of memory"),
        new("realloc_odd", Outcome.Trap, "an allocator that answers misaligned"),
        new("realloc_same", Outcome.Own, "an allocator that gives the same block for everything"),
        new("realloc_traps", Outcome.Trap, "an allocator that traps"),
        new("realloc_calls", Outcome.Trap, "an allocator that calls the host"),
        new("realloc_grows", Outcome.Own, "an allocator that grows memory, which moves under the host, on each call"),
        new("memory_bomb", Outcome.Refused, "memory grown page by page until there is none"),
        new("memory_leap", Outcome.Refused, "memory grown by 4 GB at once"),
        new("memory_touch", Outcome.Refused, "memory grown and every byte written"),
        new("handle_bomb", Outcome.Trap, "resources made for ever and never dropped"),
        new("pollable_bomb", Outcome.Trap, "timers made for ever and never dropped"),
        new("fields_bomb", Outcome.Trap, "sets of header fields of 60 kB, kept by the host, without end"),
        new("fields_dropped", Outcome.Trap, "answers with 60 kB of header fields, kept, whose handle to the fields is dropped, without end"),
        new("fields_clones", Outcome.Trap, "copies of 60 kB of header fields, without end"),
        new("fields_size", Outcome.Trap, "one set of header fields that grows without end"),
        new("body_bomb", Outcome.Trap, "answers that hold 16 KiB of the host each, never sent"),
        new("forged_handle", Outcome.Trap, "a handle that was never given"),
        new("zero_handle", Outcome.Trap, "handle 0"),
        new("negative_handle", Outcome.Trap, "handle 2^32 - 1"),
        new("stale_handle", Outcome.Trap, "a handle dropped twice"),
        new("mistyped_handle", Outcome.Trap, "a request dropped as if it were header fields"),
        new("used_after_drop", Outcome.Trap, "a request used after it was dropped"),
        new("moved_handle", Outcome.Trap, "header fields given away twice"),
        new("outparam_twice", Outcome.Own, "a request answered twice"),
        new("outparam_dropped", Outcome.Trap, "the right to answer thrown away"),
        new("no_answer", Outcome.Trap, "a return without an answer"),
        new("consume_twice", Outcome.Refused, "the request's body taken twice"),
        new("child_outlives", Outcome.Own, "a stream read after its body was dropped"),
        new("poll_nothing", Outcome.Trap, "an empty list polled"),
        new("poll_many", Outcome.Own, "one pollable polled 10,000 times in a list"),
        new("poll_lie", Outcome.Trap, "a list of 2^30 - 1 handles polled that is not there"),
        new("list_outside", Outcome.Trap, "a list outside of memory"),
        new("list_endless", Outcome.Trap, "a list of 2^32 - 1 elements"),
        new("list_wraps", Outcome.Trap, "a list whose size in bytes wraps around 32 bits to a small one"),
        new("list_odd", Outcome.Trap, "a misaligned list"),
        new("list_aliases", Outcome.Trap, "20,000 fields whose values are all the same 64 KiB"),
        new("ret_outside", Outcome.Trap, "a return pointer outside of memory"),
        new("ret_odd", Outcome.Trap, "a misaligned return pointer"),
        new("ret_overlaps", Outcome.Own, "a return pointer into the arguments"),
        new("string_outside", Outcome.Trap, "a string outside of memory"),
        new("string_bad_utf8", Outcome.Trap, "a string that is not UTF-8"),
        new("write_unpermitted", Outcome.Trap, "a write without the permit of check-write"),
        new("write_endless", Outcome.Trap, "a write of 2^32 - 1 bytes"),
        new("read_endless", Outcome.Own, "a read of 2^64 - 1 bytes"),
        new("random_endless", Outcome.Trap, "2^64 - 1 random bytes"),
        new("variant_lie", Outcome.Trap, "a case that the variant does not have"),
        new("header_splits", Outcome.Refused, "a header value with a line break and another header"),
        new("header_name_splits", Outcome.Refused, "a header name with a line break"),
        new("header_nul", Outcome.Refused, "a header value with a NUL"),
        new("header_smuggles", Outcome.Refused, "a transfer-encoding of the guest's own"),
        new("header_connection", Outcome.Refused, "a connection header of the guest's own"),
        new("header_host", Outcome.Refused, "a host header of the guest's own"),
        new("status_absurd", Outcome.Refused, "the status codes 9999, 0 and 42"),
        new("length_too_long", Outcome.Trap, "a content-length that the body does not reach"),
        new("length_too_short", Outcome.Own, "a second answer smuggled behind a content-length: it is not sent"),
        new("body_dropped", Outcome.Broken, "a body thrown away in the middle"),
        new("body_endless", Outcome.Broken, "an answer without end"),
        new("body_trickles", Outcome.Broken, "an answer that never ends, a little at a time"),
        new("trap_mid_answer", Outcome.Broken, "a trap in the middle of an answer"),
        new("environment_probe", Outcome.Refused, "a look at the host's environment"),
        new("log_injects", Outcome.Refused, "a line for the log with line breaks, terminal codes, a NUL and a turn of direction"),
        new("log_floods", Outcome.Refused, "a line for the log per byte, without end"),
        new("ssrf/127.0.0.1:PORT", Outcome.Refused, "a request to the host itself, by its loopback address"),
        new("ssrf/localhost:PORT", Outcome.Refused, "by the name of that address"),
        new("ssrf/127.1:PORT", Outcome.Refused, "by its short form"),
        new("ssrf/2130706433:PORT", Outcome.Refused, "by its decimal form"),
        new("ssrf/0x7f000001:PORT", Outcome.Refused, "by its hexadecimal form"),
        new("ssrf/0177.0.0.1:PORT", Outcome.Refused, "by its octal form"),
        new("ssrf/127.0.0.1.:PORT", Outcome.Refused, "with a dot behind it"),
        new("ssrf/0.0.0.0:PORT", Outcome.Refused, "by the address that means any"),
        new("ssrf/[::1]:PORT", Outcome.Refused, "by the loopback address of IPv6"),
        new("ssrf/[::ffff:127.0.0.1]:PORT", Outcome.Refused, "by an IPv4 address mapped to IPv6"),
        new("ssrf/[::ffff:7f00:1]:PORT", Outcome.Refused, "the same in hexadecimal"),
        new("ssrf/[64:ff9b::7f00:1]:PORT", Outcome.Refused, "by the prefix of NAT64"),
        new("ssrf/[2002:7f00:1::]:PORT", Outcome.Refused, "by the prefix of 6to4"),
        new("ssrf/user@127.0.0.1:PORT", Outcome.Refused, "behind a user name"),
        new("ssrf/169.254.169.254", Outcome.Refused, "a request to a cloud's metadata"),
        new("ssrf/[fd00:ec2::254]", Outcome.Refused, "the same over IPv6"),
        new("ssrf/168.63.129.16", Outcome.Refused, "a request to the host agent of a cloud, whose address looks public"),
        new("ssrf/10.0.0.1", Outcome.Refused, "a request to a private network"),
        new("ssrf/100.64.0.1", Outcome.Refused, "a request to a carrier's network"),
        new("ssrf/[fe80::1]", Outcome.Refused, "a request to a link-local address"),
        new("ssrf/224.0.0.1", Outcome.Refused, "a request to a multicast address"),
        new("outbound/127.0.0.1:PORT", Outcome.Refused, "a thousand requests at a time"),
    ];

    /// <summary>The row of docs/hostile.md.</summary>
    public string Row => $"| `{Name}` | {What} | {Says(Outcome)} |";

    private static string Says(Outcome outcome) => outcome switch
    {
        Outcome.Refused => "an error of the interface; the guest goes on",
        Outcome.Trap => "the run fails, 500",
        Outcome.Stopped => "stopped, 504",
        Outcome.Broken => "the connection is broken off",
        _ => "the guest answers or traps",
    };

    /// <summary>Whether that is what happened.</summary>
    public bool Fits(HttpStatusCode? status, string body) => Outcome switch
    {
        Outcome.Refused => status == HttpStatusCode.OK && body == "refused",
        Outcome.Trap => status == HttpStatusCode.InternalServerError,
        Outcome.Stopped => status == HttpStatusCode.GatewayTimeout,
        Outcome.Broken => status is null,
        _ => status is HttpStatusCode.OK or HttpStatusCode.InternalServerError,
    };
}
