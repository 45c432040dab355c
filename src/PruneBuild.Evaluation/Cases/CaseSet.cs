using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Newtonsoft.Json;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Datasets;

namespace PruneBuild.Evaluation;

/// <summary>
/// The cases of a harness. Labels, slices and ids are in memory; inputs are read from the files batch by batch, each time anew.
/// Cases are numbered through all files in the order the harness names them.
/// </summary>
public sealed class CaseSet
{
    /// <summary>In <see cref="Labels"/>: the task has no right answers.</summary>
    public const int NoLabel = -1;

    private readonly Harness _harness;
    private readonly List<double> _targets = [];
    private readonly List<TaskCase> _tasks = [];
    private readonly List<string> _contents = [];
    private readonly List<int> _labels = [];
    private readonly List<int> _sliceOf = [];
    private readonly List<string> _slices = [];
    private readonly List<int> _wholeOf = [];
    private readonly List<string?> _ids = [];
    private readonly List<string?> _clusters = [];
    private readonly SortedDictionary<int, CriticalCase> _critical = [];
    private readonly List<(CaseSource Source, int First, int Count)> _parts = [];
    private int[] _contextSliceOf = [];
    private int _namedSlices;

    private CaseSet(Harness harness) => _harness = harness;

    /// <summary>Number of cases; where a harness takes texts apart by context length, of their parts.</summary>
    public int Count => _labels.Count;

    /// <summary>Names of the slices: those that cases name, in order of first appearance, then those by context length, the shortest first.</summary>
    public IReadOnlyList<string> Slices => _slices;

    /// <summary>Right class of every case, or the right one of its choices; <see cref="NoLabel"/> where there is none.</summary>
    public IReadOnlyList<int> Labels => _labels;

    /// <summary>Index into <see cref="Slices"/> of the slice that every case names.</summary>
    public IReadOnlyList<int> SliceOf => _sliceOf;

    /// <summary>Index into <see cref="Slices"/> of the slice that every case is in by its context length; -1 where the harness has none.</summary>
    internal IReadOnlyList<int> ContextSliceOf => _contextSliceOf;

    /// <summary>For every case the number of the whole text that it is a part of, ascending; parts of one text depend on each other.</summary>
    internal IReadOnlyList<int> WholeOf => _wholeOf;

    /// <summary>Whether it is known in which slices by context length the cases are; only where prompts were not counted, it is not.</summary>
    internal bool KnowsContexts => _harness.Settings.ContextLengths is null || _tasks.TrueForAll(one => one.Context is not null);

    /// <summary>Whether a case is in a slice, by its name or by its context length.</summary>
    /// <param name="index">Number of the case.</param>
    /// <param name="slice">Index into <see cref="Slices"/>.</param>
    internal bool IsIn(int index, int slice) => _sliceOf[index] == slice || _contextSliceOf[index] == slice;

    /// <summary>The slices that whole cases are in, which can be timed.</summary>
    internal IReadOnlyList<string> TimedSlices => _harness.TimesWholeTexts ? _slices.GetRange(0, _namedSlices) : _slices;

    /// <summary><see cref="ContextSliceOf"/>, or -1 for a slice that cannot be timed.</summary>
    internal int TimedContextOf(int index) => _harness.TimesWholeTexts ? -1 : _contextSliceOf[index];

    /// <summary>How many whole cases there are among some, ascending.</summary>
    internal int CountWhole(IEnumerable<int> cases)
    {
        var (count, last) = (0, -1);
        foreach (var index in cases)
        {
            if (_wholeOf[index] != last) count++;
            last = _wholeOf[index];
        }
        return count;
    }

    /// <summary>Right number of every case of a regression; empty for other tasks.</summary>
    public IReadOnlyList<double> Targets => _targets;

    /// <summary>The cases of tasks that ask a model several times for one case; empty for others.</summary>
    internal IReadOnlyList<TaskCase> Tasks => _tasks;

    /// <summary>Everything that these tasks ask the model, in order and once each, then the documents of the corpus.</summary>
    internal IReadOnlyList<ModelInput> Inputs { get; private set; } = [];

    /// <summary>The documents that queries are answered from.</summary>
    internal IReadOnlyList<CorpusDocument> Corpus { get; private set; } = [];

    /// <summary>Full paths of the files that single cases name.</summary>
    public IEnumerable<string> NamedFiles => _tasks.SelectMany(one => one.Writing?.Files ?? []).Distinct();

    /// <summary>Texts as <see cref="Judging.CalibrationFile"/> has them, a line each, for people to add <c>human</c> and <c>annotator</c>.</summary>
    /// <param name="parent">What the dense parent wrote.</param>
    /// <param name="pruned">What a pruned model wrote.</param>
    public string ToLabel(WrittenTexts parent, WrittenTexts pruned)
    {
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(pruned);
        string Line(int index, string role, string output) =>
            JsonConvert.SerializeObject(new { id = Id(index), role, input = _tasks[index].Writing!.Prompt.ToString(), output }) + "\n";
        return string.Concat(Enumerable.Range(0, Count).Select(index => Line(index, "parent", parent.Texts[index].Text) + Line(index, "pruned", pruned.Texts[index].Text)));
    }

    /// <summary>What of the cases reaches the model: for each file its content, or the path whose hash is its content.</summary>
    internal IEnumerable<(string? Path, string? Hash)> Contents => _parts.Zip(_contents, (part, hash) =>
        part.Source is RawCases raw ? (raw.TensorsPath, (string?)null) : ((string?)null, (string?)hash));

    /// <summary>Name of the cluster of every case; null for a case that depends on no other.</summary>
    public IReadOnlyList<string?> ClusterOf => _clusters;

    /// <summary>The cases that must be answered right, in order: those with the flag and those that the harness names.</summary>
    public IReadOnlyCollection<CriticalCase> Critical => _critical.Values;

    /// <summary>Reads labels and checks every case.</summary>
    /// <param name="harness">The harness.</param>
    /// <param name="count">
    /// Counts the tokens of prompts for a harness of texts with slices by context length. Without it these slices stay unknown, and nothing can be
    /// judged.
    /// </param>
    /// <exception cref="PruneBuildException">PB1010 to PB1013 and PB1031 in a JSONL file; at the harness token PB1031 label out of range
    /// in a label file, PB1032 slice without cases (also of a floor), PB1033 file sizes that do not fit; PB1034 id used twice; PB1012 critical id of no case;
    /// with a dataset PB1051 a case in two splits and PB1053 content of another version.</exception>
    public static CaseSet Load(Harness harness, CountPromptTokens? count = null)
    {
        ArgumentNullException.ThrowIfNull(harness);
        if (harness.Dataset is { } dataset) DatasetHash.Check(dataset);
        var set = new CaseSet(harness);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var tensorFiles = new HashSet<string>(StringComparer.Ordinal);
        var reader = harness.Kind is TaskKind.Classification or TaskKind.Regression ? null : new TaskCaseReader(harness);
        var writing = harness.Kind == TaskKind.Generation ? new WritingCaseReader(harness, count) : null;
        foreach (var source in harness.Cases)
        {
            var first = set.Count;
            var content = "";
            if (reader is not null)
            {
                set.Add(source, reader, writing, ids);
            }
            else if (source is RawCases raw)
            {
                if (!tensorFiles.Add(raw.TensorsPath)) throw raw.TensorsAt.Error("PB1034", RawId(raw, 0));
                set.Add(raw);
            }
            else if (source is JsonlCases lines)
            {
                content = set.Add(lines, ids);
            }
            set._contents.Add(content);
            set._parts.Add((source, first, set.Count - first));
        }
        set.Corpus = reader?.Corpus() ?? [];
        set.Inputs = [.. set._tasks.SelectMany(one => one.Inputs).Distinct<ModelInput>(ReferenceEqualityComparer.Instance), .. set.Corpus.Select(document => document.Input)];
        set._namedSlices = set._slices.Count;
        set._contextSliceOf = new int[set.Count];
        Array.Fill(set._contextSliceOf, -1);
        var knowsContexts = set.KnowsContexts;
        if (knowsContexts) set.AddContextSlices();
        foreach (var floor in harness.Floors)
        {
            if (!knowsContexts && ContextLengths.IsName(floor.Slice)) continue;
            if (floor.Slice != SliceName.Every && !set._slices.Contains(floor.Slice)) throw floor.SliceLocation.Error("PB1032", floor.Slice);
        }
        set.AddCritical(harness.Critical);
        if (writing is not null) set.RequireMeasured();
        return set;
    }

    /// <summary>The id of a case: that of its JSONL line, or the tensor file's name and the index in it.</summary>
    public string Id(int index)
    {
        if (_ids[index] is { } id) return id;
        var (source, first, _) = _parts.Last(part => part.First <= index && part.Count > 0);
        return source is TokenCases tokens ? $"{tokens.Tokens}#{_wholeOf[index] - _wholeOf[first]}" : RawId((RawCases)source, index - first);
    }

    /// <summary>All inputs in batches of the harness's size. A batch never spans two files. None where one case asks the model several times.</summary>
    public IEnumerable<CaseBatch> Batches() => Batches(_harness.BatchSize);

    /// <summary>All inputs in batches of the given size.</summary>
    /// <exception cref="PruneBuildException">PB5001 when a case file changed since <see cref="Load"/>.</exception>
    public IEnumerable<CaseBatch> Batches(int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (_tasks.Count > 0) return [];
        return _parts.SelectMany(part => InputBatches(part.Source, part.Count, batchSize).Select(batch => new CaseBatch(
            batch with { First = part.First + batch.First },
            _labels.GetRange(part.First + batch.First, batch.Count).ToArray())));
    }

    private IEnumerable<InputBatch> InputBatches(CaseSource source, int count, int batchSize) => source switch
    {
        RawCases raw => RawTensorFile.Open(raw.TensorsPath, _harness.Input, raw.TensorsAt, count, raw.Tensors).Read(batchSize),
        JsonlCases lines => JsonlInputs(lines, count, batchSize),
        _ => [],
    };

    private IEnumerable<InputBatch> JsonlInputs(JsonlCases lines, int count, int batchSize)
    {
        var spec = _harness.Input;
        using var cases = Reader(lines).Read().GetEnumerator();
        for (var first = 0; first < count; first += batchSize)
        {
            var size = Math.Min(batchSize, count - first);
            var data = new float[size * spec.ElementsPerCase];
            for (var i = 0; i < size; i++)
            {
                if (!cases.MoveNext()) throw lines.NamedAt.Error("PB5001", lines.Name, "the file changed while it was read");
                spec.Normalize(cases.Current.Input, data.AsSpan(i * spec.ElementsPerCase, spec.ElementsPerCase));
            }
            yield return new InputBatch(data, spec.BatchShape(size), first, size);
        }
    }

    private void Add(RawCases raw)
    {
        double[] targets = _harness.Kind == TaskKind.Regression ? TargetFile.Read(raw.LabelsPath, raw.Labels, raw.LabelsAt) : [];
        var labels = _harness.Kind == TaskKind.Regression
            ? [.. Enumerable.Repeat(NoLabel, targets.Length)]
            : LabelFile.Read(raw.LabelsPath, raw.Labels, _harness.Classes, raw.LabelsAt);
        if (labels.Length == 0) throw raw.SliceAt.Error("PB1032", raw.Slice);
        _targets.AddRange(targets);
        RawTensorFile.Open(raw.TensorsPath, _harness.Input, raw.TensorsAt, labels.Length, raw.Tensors);
        var slice = SliceIndex(raw.Slice);
        foreach (var label in labels) Add(label, slice, id: null);
    }

    // Gives the hash of what the model sees of them.
    private string Add(JsonlCases lines, HashSet<string> ids)
    {
        var before = Count;
        using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in Reader(lines).Read())
        {
            content.AppendData(MemoryMarshal.AsBytes(line.Input.AsSpan()));
            if (line.Target is { } target) _targets.Add(target);
            if (!ids.Add(line.Id)) throw line.IdAt.Error("PB1034", line.Id);
            if (line.IsCritical) _critical.Add(Count, new CriticalCase(Count, line.Id, lines.Name, line.IdAt));
            Add(line.Label, SliceIndex(line.Slice), line.Id, line.Cluster);
        }
        if (Count == before) throw lines.NamedAt.Error("PB1012", lines.Name, "jsonl", "the file holds no cases");
        return Convert.ToHexStringLower(content.GetHashAndReset());
    }

    private JsonlCaseReader Reader(JsonlCases lines) => new(lines.Path, _harness.Input, _harness.Classes);

    private void Add(CaseSource source, TaskCaseReader reader, WritingCaseReader? writing, HashSet<string> ids)
    {
        if (source is TokenCases tokens)
        {
            if (!ids.Add($"{tokens.Tokens}#0")) throw tokens.TokensAt.Error("PB1034", $"{tokens.Tokens}#0");
            var slice = SliceIndex(tokens.Slice);
            foreach (var parts in reader.Read(tokens)) Add(parts, NoLabel, slice, id: null, cluster: null);
            return;
        }
        var (lines, before) = ((JsonlCases)source, Count);
        foreach (var line in writing?.Read(lines) ?? reader.Read(lines))
        {
            if (!ids.Add(line.Id)) throw line.IdAt.Error("PB1034", line.Id);
            if (line.IsCritical) _critical.Add(Count, new CriticalCase(Count, line.Id, lines.Name, line.IdAt));
            Add(line.Parts, line.Answer, SliceIndex(line.Slice), line.Id, line.Cluster);
        }
        if (Count == before) throw lines.NamedAt.Error("PB1012", lines.Name, "jsonl", "the file holds no cases");
    }

    private void Add(IReadOnlyList<TaskCase> parts, int label, int slice, string? id, string? cluster)
    {
        var whole = _wholeOf.Count == 0 ? 0 : _wholeOf[^1] + 1;
        foreach (var part in parts)
        {
            _tasks.Add(part);
            Add(label, slice, id, cluster);
            _wholeOf[^1] = whole;
        }
    }

    private void AddContextSlices()
    {
        if (_harness.Settings.ContextLengths is not { } lengths) return;
        int[] found = [.. _tasks.Select(one => lengths.IndexOf(one.Context!.Value))];
        foreach (var used in found.Distinct().Order())
        {
            for (var i = 0; i < found.Length; i++)
            {
                if (found[i] == used) _contextSliceOf[i] = _slices.Count;
            }
            _slices.Add(lengths.Slices[used]);
        }
    }

    private void Add(int label, int slice, string? id, string? cluster = null)
    {
        _wholeOf.Add(_wholeOf.Count == 0 ? 0 : _wholeOf[^1] + 1);
        _labels.Add(label);
        _sliceOf.Add(slice);
        _ids.Add(id);
        _clusters.Add(cluster);
    }

    private void AddCritical(CriticalCases named)
    {
        if (named.FlagsExpectedAt is { } expectedAt && _critical.Count == 0) throw expectedAt.Error("PB1012", "true", "critical", "no case has the flag");
        if (named.Ids.Count == 0) return;
        var indices = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Count; i++) indices.TryAdd(Id(i), i);
        foreach (var (id, location) in named.Ids)
        {
            if (!indices.TryGetValue(id, out var index)) throw location.Error("PB1012", id, "critical", "no case has this id");
            _critical.TryAdd(index, new CriticalCase(index, id, null, location));
        }
    }

    // A dimension of checks that no case has would be a floor on nothing.
    private void RequireMeasured()
    {
        foreach (var floor in _harness.Floors)
        {
            if (_harness.Dimensions.FirstOrDefault(dimension => dimension.Name == floor.Dimension) is { Scorers.Count: 0 }
                && !_tasks.Exists(one => one.Writing!.Checks.Any(check => check.Dimension == floor.Dimension)))
                throw floor.Location.Error("PB1076", floor.Dimension);
        }
        foreach (var critical in _critical.Values)
        {
            if (_tasks[critical.Index].Writing!.Checks.Count == 0) throw critical.Location.Error("PB1012", critical.Id, "critical", "the case has no checks that could fail");
        }
    }

    private int SliceIndex(string slice)
    {
        var index = _slices.IndexOf(slice);
        if (index >= 0) return index;
        _slices.Add(slice);
        return _slices.Count - 1;
    }

    private static string RawId(RawCases raw, int index) => $"{raw.Tensors}#{index}";
}
