using System.Xml;
using System.Xml.Linq;

namespace PruneBuild.Tasks.ModelReferences;

/// <summary>A place in a project file; line and column are 1-based, 0 when unknown.</summary>
internal readonly record struct Position(string File, int Line, int Column);

/// <summary>Finds the line of a <c>ModelReference</c> item: MSBuild gives tasks the file of an item, not its line.</summary>
internal sealed class ProjectItemPositions
{
    private readonly Dictionary<string, XDocument?> documents = new(StringComparer.Ordinal);

    /// <summary>Where the item is written; only the file when its line cannot be told.</summary>
    /// <param name="projectFile">The project file that defines the item.</param>
    /// <param name="include">The item's spec after evaluation.</param>
    /// <param name="metadata">The metadata at fault, or null for the item itself.</param>
    public Position Find(string projectFile, string include, string? metadata = null)
    {
        var items = Items(projectFile).ToList();
        var node = metadata is null
            ? Best(items, include)
            : Best(items.Where(item => Metadata(item, metadata) is not null), include) is { } owner ? Metadata(owner, metadata) : null;
        return Position(projectFile, node ?? Best(items, include));
    }

    private static Position Position(string projectFile, XObject? node) =>
        node is IXmlLineInfo info && info.HasLineInfo()
            ? new Position(projectFile, info.LineNumber, info.LinePosition)
            : new Position(projectFile, 0, 0);

    /// <summary>The element that spells the item out; else the only one; else the first with a wildcard or a property in it.</summary>
    private static XElement? Best(IEnumerable<XElement> items, string include)
    {
        var candidates = items.ToList();
        return candidates.FirstOrDefault(item => Specs(item).Contains(Normalize(include), StringComparer.OrdinalIgnoreCase))
            ?? (candidates.Count == 1 ? candidates[0] : candidates.FirstOrDefault(item => Specs(item).Any(IsComputed)));
    }

    private IEnumerable<XElement> Items(string projectFile) =>
        Load(projectFile)?.Descendants().Where(element =>
            element.Name.LocalName.Equals("ModelReference", StringComparison.OrdinalIgnoreCase)
            && element.Parent?.Name.LocalName == "ItemGroup") ?? [];

    private static XObject? Metadata(XElement item, string name) =>
        (XObject?)item.Attributes().FirstOrDefault(attribute => attribute.Name.LocalName.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? item.Elements().FirstOrDefault(element => element.Name.LocalName.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> Specs(XElement item) =>
        item.Attributes()
            .Where(attribute => attribute.Name.LocalName is "Include" or "Update")
            .SelectMany(attribute => attribute.Value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Select(Normalize);

    private static string Normalize(string spec) => spec.Replace('\\', '/');

    private static bool IsComputed(string spec) => spec.AsSpan().IndexOfAny("*?$@") >= 0;

    private XDocument? Load(string projectFile)
    {
        if (documents.TryGetValue(projectFile, out var known))
            return known;
        return documents[projectFile] = Parse(projectFile);
    }

    private static XDocument? Parse(string projectFile)
    {
        try
        {
            return XDocument.Load(projectFile, LoadOptions.SetLineInfo);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or XmlException)
        {
            // MSBuild has read this file already; a file gone since then only costs the line number.
            return null;
        }
    }
}
