using Microsoft.Build.Utilities;

namespace PruneBuild.Tasks;

/// <summary>Makes output items; MSBuild reads their text as escaped, so a percent sign in a path needs escaping.</summary>
internal static class OutputItem
{
    public static TaskItem Create(string path, IEnumerable<KeyValuePair<string, string>> metadata) =>
        new(Escape(path), metadata.ToDictionary(entry => entry.Key, entry => Escape(entry.Value)));

    private static string Escape(string text) =>
        text.Replace("%", "%25", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal);
}
