using Newtonsoft.Json.Linq;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>A parsed <c>dataset.json</c>: which case files serve which purpose, and what version of them this is.</summary>
public sealed class Dataset
{
    /// <summary>Usual name of the file.</summary>
    public const string FileName = "dataset.json";

    private Dataset(string file) => File = file;

    /// <summary>Full path of the file; its folder contains all case files.</summary>
    public string File { get; }

    /// <summary>Name of the dataset.</summary>
    public required string Name { get; init; }

    /// <summary>Its version; null for a case file that is looked at alone.</summary>
    public required SemanticVersion? Version { get; init; }

    /// <summary>Where the version is.</summary>
    public SourceLocation VersionAt { get; init; }

    /// <summary>What the cases may be used for, or null.</summary>
    public string? Licence { get; init; }

    /// <summary>Where the cases come from, or null.</summary>
    public string? Provenance { get; init; }

    /// <summary>What the version holds; null before the first <c>prunebuild dataset bump</c>.</summary>
    public DatasetContent? Content { get; init; }

    /// <summary>Limits of its lint.</summary>
    public LintLimits Limits { get; init; } = new();

    /// <summary>The splits that it has, in the order of <see cref="DatasetSplit.Names"/>.</summary>
    public required IReadOnlyList<DatasetSplit> Splits { get; init; }

    /// <summary>Parses the file and finds the case files; does not look into them.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="PruneBuildException">PB1010 malformed JSON, PB1011 unknown key, PB1012 bad value, PB1013 missing key, PB1030 a file
    /// is missing or a pattern finds none, PB1035 a file outside the folder, PB1050 a file in two splits: each at the token at fault.</exception>
    public static Dataset Load(string path)
    {
        var file = Path.GetFullPath(path);
        var section = new JsonSection(LocatedJson.Load(file), file);
        section.AllowOnly("$schema", "name", "version", "licence", "provenance", "splits", "lint", "content");
        var splits = section.Section("splits");
        splits.AllowOnly([.. DatasetSplit.Names]);
        string[] present = [.. DatasetSplit.Names.Where(splits.Has)];
        if (present.Length == 0) throw section.Invalid("splits", $"at least one of {string.Join(", ", DatasetSplit.Names)} is expected");
        var dataset = new Dataset(file)
        {
            Name = section.Text("name"),
            Version = SemanticVersion.Parse(section.Text("version")) ?? throw section.Invalid("version", "three numbers are expected, such as 1.0.0"),
            VersionAt = section.LocationOf("version"),
            Licence = section.OptionalText("licence"),
            Provenance = section.OptionalText("provenance"),
            Limits = section.Has("lint") ? LintLimits.Parse(section.Section("lint")) : new LintLimits(),
            Content = section.Has("content") ? DatasetContent.Parse(section.Section("content")) : null,
            Splits = [.. present.Select(name => new DatasetSplit(name, Sources(splits, name, file)))],
        };
        RefuseShared(dataset.Splits);
        return dataset;
    }

    /// <summary>One JSONL file as a dataset without version; its only split is <c>gate</c>.</summary>
    public static Dataset OfFile(string path)
    {
        var file = Path.GetFullPath(path);
        var name = Path.GetFileName(file);
        return new Dataset(file)
        {
            Name = name,
            Version = null,
            Splits = [new DatasetSplit(DatasetSplit.Gate, [new JsonlCases(name, file, new SourceLocation(file, 0, 0))])],
        };
    }

    private static List<CaseSource> Sources(JsonSection splits, string split, string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        if (splits.Required(split) is not JArray { Count: > 0 } list) throw splits.Invalid(split, "a list of files is expected");
        var sources = new List<CaseSource>();
        foreach (var item in list)
        {
            if (item is JObject json) sources.Add(Harness.ParseCaseSource(new JsonSection(json, file), TaskKind.Classification, folder));
            else if (item.Type == JTokenType.String) sources.AddRange(Files(folder, (string)item!, LocatedJson.Locate(item, file)));
            else throw splits.Invalid(split, item, "the name of a JSONL file, a pattern, or an object with tensors and labels is expected");
        }
        return sources;
    }

    private static IEnumerable<JsonlCases> Files(string folder, string name, SourceLocation at)
    {
        if (!FilePattern.IsPattern(name))
        {
            var path = CasePath.Resolve(folder, name, at);
            return System.IO.File.Exists(path) ? [new JsonlCases(name, path, at)] : throw at.Error("PB1030", name);
        }
        // A pattern that climbs up is reported as such, not as one without files.
        CasePath.Resolve(folder, name.Replace('*', '_').Replace('?', '_'), at);
        var found = FilePattern.Match(folder, name);
        if (found.Count == 0) throw at.Error("PB1030", name);
        return found.Select(one => new JsonlCases(one, CasePath.Resolve(folder, one, at), at));
    }

    private static void RefuseShared(IEnumerable<DatasetSplit> splits)
    {
        var splitOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var split in splits)
        {
            foreach (var source in split.Sources)
            {
                var (path, name, at) = source is RawCases raw ? (raw.TensorsPath, raw.Tensors, raw.TensorsAt) : OfLines((JsonlCases)source);
                if (!splitOf.TryAdd(path, split.Name)) throw at.Error("PB1050", name, splitOf[path], split.Name);
            }
        }
        static (string, string, SourceLocation) OfLines(JsonlCases lines) => (lines.Path, lines.Name, lines.NamedAt);
    }
}
