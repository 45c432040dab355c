using System.Text.RegularExpressions;
using System.Xml.Linq;
using PruneBuild.Diagnostics;
using PruneBuild.Tests;

namespace PruneBuild.Diagnostics.Tests;

/// <summary>A code is one resource string, one page, and nothing else.</summary>
public sealed partial class CodePages
{
    private static readonly string Sources = Path.Combine(OnnxRuntimeNative.RepositoryRoot, "src");
    private static readonly string Pages = Path.Combine(OnnxRuntimeNative.RepositoryRoot, "docs", "codes");

    [Fact]
    public void Every_code_has_a_page_and_every_page_a_code()
    {
        var pages = Directory.EnumerateFiles(Pages, "PB*.md").Select(file => Path.GetFileNameWithoutExtension(file));

        Assert.Equal(Codes.All.Concat(RuntimeCodes()).Order(StringComparer.Ordinal), pages.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_page_is_titled_like_its_code_and_says_what_why_and_what_to_do()
    {
        var titles = Titles();
        Assert.Equal(Codes.All, titles.Keys.Order(StringComparer.Ordinal));
        foreach (var (code, title) in titles)
        {
            var lines = File.ReadAllLines(Path.Combine(Pages, code + ".md"));
            Assert.Equal($"# {code}: {title}", lines[0]);
            Assert.Superset(new HashSet<string> { "## What happened", "## Why", "## What to do" }, lines.ToHashSet());
        }
    }

    [Fact]
    public void The_index_lists_every_page_once()
    {
        var listed = PageLink().Matches(File.ReadAllText(Path.Combine(Pages, "README.md"))).Select(match => match.Groups[1].Value);

        Assert.Equal(Codes.All.Concat(RuntimeCodes()).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_code_in_the_sources_exists()
    {
        var known = Codes.All.Concat(RuntimeCodes()).ToHashSet();

        var unknown =
            from file in SourceFiles(Sources)
            from Match match in CodeLiteral().Matches(File.ReadAllText(file))
            where !known.Contains(match.Groups[1].Value)
            select $"{Path.GetRelativePath(Sources, file)}: {match.Value}";

        Assert.Empty(unknown);
    }

    /// <summary>The runtime references none of our projects: its codes are constants of its exception.</summary>
    private static IEnumerable<string> RuntimeCodes() => SourceFiles(Path.Combine(Sources, "PruneBuild.Runtime"))
        .SelectMany(file => RuntimeCode().Matches(File.ReadAllText(file)))
        .Select(match => match.Groups[1].Value)
        .Distinct();

    private static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));

    private static Dictionary<string, string> Titles() =>
        XDocument.Load(Path.Combine(Sources, "PruneBuild.Diagnostics", "Codes.resx")).Root!.Elements("data")
            .ToDictionary(data => (string)data.Attribute("name")!, data => (string)data.Element("comment")!);

    [GeneratedRegex("\"(PB[0-9]{4})\"")]
    private static partial Regex CodeLiteral();

    [GeneratedRegex("const string [A-Za-z]+ = \"(PB61[0-9]{2})\"")]
    private static partial Regex RuntimeCode();

    [GeneratedRegex(@"\[PB[0-9]{4}\]\((PB[0-9]{4})\.md\)")]
    private static partial Regex PageLink();
}
