using Windhover.Capabilities.Messaging.Bindings.Wasi.Messaging.Types;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Messaging;

/// <summary>A message that a guest builds, is handed, or gets as a reply. What it keeps for the guest is charged to the app.</summary>
internal sealed class MessageResource : IMessage
{
    private const int MaxHeaders = 100;
    private const int MaxHeaderChars = 64 * 1024;

    private readonly GuestContext? _guest;
    private readonly string? _topic;
    private readonly List<(string Name, string Value)> _metadata = [];
    private ReadOnlyMemory<byte> _data;
    private string? _contentType;
    private int _charged;

    /// <summary>One that the guest builds.</summary>
    public MessageResource(GuestContext guest, ReadOnlySpan<byte> data)
    {
        _guest = guest;
        SetData(data);
    }

    /// <summary>A reply, whose bytes the guest was charged with when it came.</summary>
    public MessageResource(GuestContext guest, Message reply) : this((string?)null, reply)
    {
        _guest = guest;
        _charged = (int)MessageReplies.SizeOf(reply);
    }

    /// <summary>One that a handler is handed.</summary>
    public MessageResource(string? topic, Message message)
    {
        _topic = topic;
        if (topic is not null)
            ReplyTo = message.Find(Message.ReplyTo);
        _data = message.Body;
        foreach ((string name, string value) in message.Headers)
        {
            if (string.Equals(name, Message.ContentType, StringComparison.OrdinalIgnoreCase))
                _contentType = value;
            else
                _metadata.Add((name, value));
        }
    }

    /// <summary>Where replies to it go: of a message that was handed to the guest, whatever the guest made of its metadata since.</summary>
    public string? ReplyTo { get; }

    /// <summary>What is sent; of names that come twice the last counts.</summary>
    public Message ToMessage()
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string value) in _metadata)
            headers[name] = value;
        if (_contentType is not null)
            headers[Message.ContentType] = _contentType;
        return new Message(_data, headers);
    }

    /// <summary>Why it cannot be sent, or null.</summary>
    public string? Refusal => _data.Length > MessagingHost.MaxBody ? $"a message has more than {MessagingHost.MaxBody >> 20} MiB"
        : _metadata.Count > MaxHeaders || _metadata.Sum(m => (long)m.Name.Length + m.Value.Length) > MaxHeaderChars ? $"a message has more than {MaxHeaders} metadata or {MaxHeaderChars >> 10} KiB of them"
        : null;

    public string? Topic() => _topic;

    public string? ContentType() => _contentType;

    public void SetContentType(string contentType) => _contentType = contentType;

    public ReadOnlyMemory<byte> Data() => _data;

    // One byte more than may be sent is enough to know that it is too much.
    public void SetData(ReadOnlySpan<byte> data)
    {
        data = data[..Math.Min(data.Length, MessagingHost.MaxBody + 1)];
        _guest?.Wasi.HoldMemory(data.Length);
        _data = data.ToArray();
        Release();
        _charged = data.Length;
    }

    public IReadOnlyList<(string, string)>? Metadata() => _metadata.Count == 0 ? null : [.. _metadata];

    public void AddMetadata(string key, string value)
    {
        if (_metadata.Count <= MaxHeaders)
            _metadata.Add((key, value));
    }

    public void SetMetadata((string, string)[] meta)
    {
        _metadata.Clear();
        _metadata.AddRange(meta.Take(MaxHeaders + 1));
    }

    public void RemoveMetadata(string key) => _metadata.RemoveAll(m => m.Name == key);

    public void Dispose() => Release();

    private void Release()
    {
        _guest?.Wasi.ReleaseMemory(_charged);
        _charged = 0;
    }
}
