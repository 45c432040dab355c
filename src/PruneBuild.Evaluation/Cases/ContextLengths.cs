using System.Globalization;
using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>
/// Slices by the number of tokens that a language model has before what is judged; the key <c>contextLengths</c> of a harness. <c>[128, 512]</c> gives
/// <c>context:0-128</c>, <c>context:129-512</c> and <c>context:513+</c>. The colon keeps them apart from slices that cases name.
/// </summary>
/// <param name="Limits">The largest length of every slice but the last, ascending, 1 or more.</param>
public sealed record ContextLengths(IReadOnlyList<int> Limits)
{
    internal const string Key = "contextLengths";

    private const string Prefix = "context:";
    private const int Longest = 1 << 24;
    private const int MostLimits = 32;

    /// <summary>Names of the slices, the shortest first.</summary>
    public IReadOnlyList<string> Slices { get; } =
    [
        .. Limits.Select((limit, index) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{(index == 0 ? 0 : Limits[index - 1] + 1)}-{limit}")),
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Limits[^1] + 1}+"),
    ];

    /// <summary>Whether a slice has a name of this kind.</summary>
    public static bool IsName(string slice)
    {
        ArgumentNullException.ThrowIfNull(slice);
        return slice.StartsWith(Prefix, StringComparison.Ordinal);
    }

    /// <summary>Index into <see cref="Slices"/> of what comes after so many tokens.</summary>
    public int IndexOf(int tokens)
    {
        var index = 0;
        while (index < Limits.Count && tokens > Limits[index]) index++;
        return index;
    }

    /// <summary>Null when the key is missing.</summary>
    /// <param name="harness">The harness.</param>
    /// <param name="window">Tokens that the model sees at once; 0 where nobody says.</param>
    /// <exception cref="PruneBuildException">PB1012 at the list or the number at fault.</exception>
    internal static ContextLengths? Parse(JsonSection harness, int window)
    {
        if (!harness.Has(Key)) return null;
        if (harness.Required(Key) is not JArray { Count: > 0 and <= MostLimits } items) throw harness.Invalid(Key, $"a list of 1 to {MostLimits} numbers of tokens is expected");
        var limits = harness.WholeNumbers(Key, 1, Longest);
        for (var i = 0; i < limits.Length; i++)
        {
            if (i > 0 && limits[i] <= limits[i - 1]) throw harness.Invalid(Key, items[i], $"more than {limits[i - 1]} is expected");
            if (window > 0 && limits[i] >= window - 1) throw harness.Invalid(Key, items[i], $"less than {window - 1} is expected: in a window of {window}, no token has more before it");
        }
        return new ContextLengths(limits);
    }

    /// <summary>Refuses a floor on a slice of this kind that there cannot be.</summary>
    /// <exception cref="PruneBuildException">PB1012 at the floor's slice.</exception>
    internal static void RequireKnown(JsonSection floor, string key, ContextLengths? declared)
    {
        if (declared is null) throw floor.Invalid(key, $"the harness has no {Key}");
        if (!declared.Slices.Contains(floor.Text(key))) throw floor.Invalid(key, $"by its {Key} the harness has {string.Join(", ", declared.Slices)}");
    }
}
