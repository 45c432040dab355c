using System.Globalization;
using System.Resources;

namespace PruneBuild.Diagnostics;

/// <summary>The error codes. Every code is one string of <c>Codes.resx</c> and one page of <c>docs/codes</c>.</summary>
public static class Codes
{
    private static readonly ResourceManager Resources = new("PruneBuild.Diagnostics.Codes", typeof(Codes).Assembly);

    /// <summary>The sentence of a code with its arguments filled in.</summary>
    /// <exception cref="ArgumentException">The code has no resource string.</exception>
    public static string Format(string code, params object?[] arguments)
    {
        var text = Resources.GetString(code, CultureInfo.InvariantCulture)
            ?? throw new ArgumentException($"'{code}' is not a code of Codes.resx", nameof(code));
        return arguments.Length == 0 ? text : string.Format(CultureInfo.InvariantCulture, text, arguments);
    }

    /// <summary>All codes, sorted.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. Resources.GetResourceSet(CultureInfo.InvariantCulture, true, true)!
            .Cast<System.Collections.DictionaryEntry>()
            .Select(entry => (string)entry.Key)
            .Order(StringComparer.Ordinal),
    ];
}
