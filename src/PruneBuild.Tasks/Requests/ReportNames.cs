using PruneBuild.Diagnostics;

namespace PruneBuild.Tasks.Requests;

/// <summary>The value of <c>PruneBuildReports</c>: outputs of the gate, separated by semicolons or commas, or <c>none</c>.</summary>
internal static class ReportNames
{
    /// <summary>All of them, in the order in which a request names them.</summary>
    public static IReadOnlyList<string> Known { get; } = ["html", "sarif", "junit", "trx", "markdown"];

    private const string None = "none";

    /// <summary>The names of a value, in the order of <see cref="Known"/>: spelling and order must not change the request.</summary>
    /// <exception cref="PruneBuildException">PB1012: a name that nobody knows.</exception>
    public static IReadOnlyList<string> Parse(string value)
    {
        var names = value.Split([';', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 1 && names[0].Equals(None, StringComparison.OrdinalIgnoreCase))
            return [];
        var unknown = names.FirstOrDefault(name => !Known.Contains(name, StringComparer.OrdinalIgnoreCase));
        return unknown is null
            ? [.. Known.Where(known => names.Contains(known, StringComparer.OrdinalIgnoreCase))]
            : throw new PruneBuildException("PB1012", unknown, "PruneBuildReports", $"Known: {string.Join(", ", Known)}, or {None} alone.");
    }
}
