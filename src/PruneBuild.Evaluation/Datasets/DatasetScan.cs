using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Datasets;

/// <summary>
/// Reads every case of a dataset once, one at a time, and keeps hashes and names. What cannot be read is a finding, not the end.
/// </summary>
internal sealed class DatasetScan
{
    // What no score depends on.
    private static readonly string[] Unscored = ["tags", "provenance", "note"];
    private static readonly string[] GoldKeys = ["label", "target", "expect", "reference", "references", "answer"];

    private readonly Dataset _dataset;
    private readonly MinHash? _minHash;
    private readonly List<DatasetCase> _cases = [];
    private readonly List<(SourceLocation At, string Name, FeatureRange Range)> _features = [];
    private readonly ReferencedFiles _files;
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    private DatasetScan(Dataset dataset, bool compareTexts)
    {
        _dataset = dataset;
        _minHash = compareTexts ? new MinHash(dataset.Limits.Seed) : null;
        _files = new ReferencedFiles(Path.GetDirectoryName(dataset.File)!);
    }

    /// <summary>The cases, split after split, in file order.</summary>
    public IReadOnlyList<DatasetCase> Cases => _cases;

    /// <summary>What could not be read, and inputs that are too large or name files outside.</summary>
    public Findings Findings { get; } = new();

    /// <summary>The numbers of inputs that consist of numbers, by file.</summary>
    public IReadOnlyList<(SourceLocation At, string Name, FeatureRange Range)> Features => _features;

    /// <summary>Reads the cases.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="compareTexts">Whether texts will be searched for near duplicates.</param>
    public static DatasetScan Of(Dataset dataset, bool compareTexts = false)
    {
        var scan = new DatasetScan(dataset, compareTexts);
        foreach (var split in dataset.Splits)
        {
            foreach (var source in split.Sources)
            {
                if (source is RawCases raw) scan.ReadTensors(split.Name, raw);
                else if (source is JsonlCases lines) scan.ReadLines(split.Name, lines);
            }
        }
        return scan;
    }

    private void ReadLines(string split, JsonlCases source)
    {
        using var stream = File.OpenRead(source.Path);
        var lines = new BoundedLines(stream, _dataset.Limits.MaxCaseBytes);
        var features = new FeatureRange();
        while (lines.Read())
        {
            var at = new SourceLocation(source.Path, lines.Number, 1);
            if (lines.IsTooLong)
            {
                Findings.Error("PB1062", at, lines.Length, _dataset.Limits.MaxCaseBytes);
                continue;
            }
            if (lines.Line.Span.IndexOfAnyExcept(" \t\r"u8) < 0) continue;
            try
            {
                using var line = CaseLine.Parse(lines.Line, source.Path, lines.Number);
                _cases.Add(Read(split, line, features));
            }
            catch (PruneBuildException exception)
            {
                Findings.Add(exception.Diagnostic);
            }
        }
        _features.Add((source.NamedAt, source.Name, features));
    }

    private DatasetCase Read(string split, CaseLine line, FeatureRange features)
    {
        var json = line.Json;
        var id = line.Text("id");
        if (id is null) Missing(line, "id", "a string that is not empty is expected");
        var slice = line.Text("slice");
        if (slice is null || !SliceName.IsValid(slice)) Missing(line, "slice", SliceName.Expected);
        var hasInput = json.TryGetProperty("input", out var input);
        if (!hasInput) Missing(line, "input", "an input is expected");
        var goldKey = Array.Find(GoldKeys, key => json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null);

        if (hasInput && CanonicalCase.Numbers(input) is { Count: > 0 } numbers) features.Add(CollectionsMarshal.AsSpan(numbers));
        var texts = hasInput ? InputTexts.Of(input) : "";
        if (texts.Length > _dataset.Limits.MaxTextLength) Findings.Warning("PB1063", line.LocationOf("input"), texts.Length, _dataset.Limits.MaxTextLength);
        var files = hasInput ? _files.Hash(input, line.LocationOf("input"), Findings) : [];
        return new DatasetCase
        {
            Split = split,
            At = id is null ? line.Start : line.LocationOf("id"),
            Id = id ?? "",
            Slice = slice is null ? "" : Shared(slice),
            Gold = goldKey is null ? null : Shared(CanonicalCase.Text(json.GetProperty(goldKey))),
            GoldAt = goldKey is null ? default : line.LocationOf(goldKey),
            HasLabel = goldKey == "label",
            Meaning = hasInput ? ReferencedFiles.Join(CanonicalCase.Meaning(input), files) : null,
            Hash = ReferencedFiles.Join(CanonicalCase.Hash(json), files),
            Scored = ReferencedFiles.Join(CanonicalCase.Hash(json, Unscored), files),
            Signature = _minHash is null || texts.Length == 0 ? null : _minHash.Signature(Shingles.Of(texts, _dataset.Limits.ShingleWords)),
        };
    }

    private void Missing(CaseLine line, string key, string expected)
    {
        if (!line.Json.TryGetProperty(key, out var value)) Findings.Error("PB1013", line.Start, key);
        else Findings.Error("PB1012", line.LocationOf(key), Shortened(value.GetRawText()), key, expected);
    }

    private void ReadTensors(string split, RawCases source)
    {
        try
        {
            var tensors = RawCaseFile.Open(source);
            var features = new FeatureRange();
            var slice = Shared(source.Slice);
            foreach (var (index, numbers, label, bytes) in tensors.Read())
            {
                features.Add(numbers);
                // Ids are positions here, so the order counts.
                var hash = CanonicalCase.Hash(bytes.Span, FormattableString.Invariant($"{source.Slice}/{index}/{label}"));
                _cases.Add(new DatasetCase
                {
                    Split = split,
                    At = source.TensorsAt with { Line = 0, Column = 0, File = source.TensorsPath },
                    Id = FormattableString.Invariant($"{source.Tensors}#{index}"),
                    Slice = slice,
                    Gold = Shared(FormattableString.Invariant($"{label}")),
                    GoldAt = source.LabelsAt,
                    HasLabel = true,
                    Meaning = CanonicalCase.Meaning(numbers),
                    Hash = hash,
                    Scored = hash,
                });
            }
            _features.Add((source.TensorsAt, source.Tensors, features));
        }
        catch (PruneBuildException exception)
        {
            Findings.Add(exception.Diagnostic);
        }
    }

    // Thousands of cases have the same few labels and slices.
    private string Shared(string text)
    {
        if (text.Length > 100) return text;
        if (_names.TryGetValue(text, out var known)) return known;
        if (_names.Count < 10_000) _names[text] = text;
        return text;
    }

    private static string Shortened(string text) => text.Length > 60 ? string.Concat(text.AsSpan(0, 60), "…") : text;
}
