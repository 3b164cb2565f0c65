using System.Text;
using Windhover.Apps.Manifest;
using Windhover.Apps.Toml;

namespace Windhover.Apps.Spin;

/// <summary>Variables of a Spin application: their defaults, over which <c>SPIN_VARIABLE_NAME</c> of the environment and this server's secrets go.</summary>
internal sealed class SpinVariables
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private SpinVariables()
    {
    }

    public static SpinVariables None { get; } = new();

    public static SpinVariables Read(StrictTable? table, string app, ISecretProvider secrets)
    {
        var variables = new SpinVariables();
        if (table is null)
            return variables;
        foreach (string name in table.Keys)
        {
            StrictTable variable = table.Table(name)!;
            string? otherwise = variable.Text("default");
            bool required = variable.Flag("required", otherwise is null);
            variable.Flag("secret", false);
            variable.Finish();
            string? value = Environment.GetEnvironmentVariable("SPIN_VARIABLE_" + name.ToUpperInvariant()) ?? secrets.Find(app, name) ?? otherwise;
            if (value is null && required)
                throw new ManifestException(table.PlaceOf(name), $"the variable `{name}` is required and has no value; set SPIN_VARIABLE_{name.ToUpperInvariant()} in the server's environment, or the secret {name}");
            if (value is not null)
                variables._values.Add(name, value);
        }

        return variables;
    }

    /// <summary>Puts values in the place of <c>{{ name }}</c>.</summary>
    /// <exception cref="ManifestException">There is no such variable.</exception>
    public string Expand(string text, Place place)
    {
        if (!text.Contains("{{", StringComparison.Ordinal))
            return text;
        var expanded = new StringBuilder();
        int at = 0;
        while (true)
        {
            int open = text.IndexOf("{{", at, StringComparison.Ordinal);
            if (open < 0)
                return expanded.Append(text, at, text.Length - at).ToString();
            int close = text.IndexOf("}}", open, StringComparison.Ordinal);
            if (close < 0)
                throw new ManifestException(place, $"`{text}` opens {{{{ and does not close it");
            string name = text[(open + 2)..close].Trim();
            if (!_values.TryGetValue(name, out string? value))
                throw new ManifestException(place, $"there is no variable `{name}`{Nearest.Hint(name, _values.Keys)}");
            expanded.Append(text, at, open - at).Append(value);
            at = close + 2;
        }
    }
}
