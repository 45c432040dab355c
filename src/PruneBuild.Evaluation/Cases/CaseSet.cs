using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Datasets;

namespace PruneBuild.Evaluation;

/// <summary>
/// The cases of a harness. Labels, slices and ids are in memory; inputs are read from the files batch by batch, each time anew.
/// Cases are numbered through all files in the order the harness names them.
/// </summary>
public sealed class CaseSet
{
    private readonly Harness _harness;
    private readonly List<int> _labels = [];
    private readonly List<int> _sliceOf = [];
    private readonly List<string> _slices = [];
    private readonly List<string?> _ids = [];
    private readonly List<string?> _clusters = [];
    private readonly SortedDictionary<int, CriticalCase> _critical = [];
    private readonly List<(CaseSource Source, int First, int Count)> _parts = [];

    private CaseSet(Harness harness) => _harness = harness;

    /// <summary>Number of cases.</summary>
    public int Count => _labels.Count;

    /// <summary>Names of the slices, in order of first appearance.</summary>
    public IReadOnlyList<string> Slices => _slices;

    /// <summary>Right class of every case.</summary>
    public IReadOnlyList<int> Labels => _labels;

    /// <summary>Index into <see cref="Slices"/> of every case.</summary>
    public IReadOnlyList<int> SliceOf => _sliceOf;

    /// <summary>Name of the cluster of every case; null for a case that depends on no other.</summary>
    public IReadOnlyList<string?> ClusterOf => _clusters;

    /// <summary>The cases that must be answered right, in order: those with the flag and those that the harness names.</summary>
    public IReadOnlyCollection<CriticalCase> Critical => _critical.Values;

    /// <summary>Reads labels and checks every case.</summary>
    /// <param name="harness">The harness.</param>
    /// <exception cref="PruneBuildException">PB1010 to PB1013 and PB1031 in a JSONL file; at the harness token PB1031 label out of range
    /// in a label file, PB1032 slice without cases (also of a floor), PB1033 file sizes that do not fit; PB1034 id used twice; PB1012 critical id of no case;
    /// with a dataset PB1051 a case in two splits and PB1053 content of another version.</exception>
    public static CaseSet Load(Harness harness)
    {
        ArgumentNullException.ThrowIfNull(harness);
        if (harness.Dataset is { } dataset) DatasetHash.Check(dataset);
        var set = new CaseSet(harness);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var tensorFiles = new HashSet<string>(StringComparer.Ordinal);
        foreach (var source in harness.Cases)
        {
            var first = set.Count;
            if (source is RawCases raw)
            {
                if (!tensorFiles.Add(raw.TensorsPath)) throw raw.TensorsAt.Error("PB1034", RawId(raw, 0));
                set.Add(raw);
            }
            else if (source is JsonlCases lines)
            {
                set.Add(lines, ids);
            }
            set._parts.Add((source, first, set.Count - first));
        }
        foreach (var floor in harness.Floors)
        {
            if (floor.Slice != SliceName.Every && !set._slices.Contains(floor.Slice)) throw floor.SliceLocation.Error("PB1032", floor.Slice);
        }
        set.AddCritical(harness.Critical);
        return set;
    }

    /// <summary>The id of a case: that of its JSONL line, or the tensor file's name and the index in it.</summary>
    public string Id(int index)
    {
        if (_ids[index] is { } id) return id;
        var (source, first, _) = _parts.Last(part => part.First <= index && part.Count > 0);
        return RawId((RawCases)source, index - first);
    }

    /// <summary>All inputs in batches of the harness's size. A batch never spans two files.</summary>
    public IEnumerable<CaseBatch> Batches() => Batches(_harness.BatchSize);

    /// <summary>All inputs in batches of the given size.</summary>
    /// <exception cref="PruneBuildException">PB5001 when a case file changed since <see cref="Load"/>.</exception>
    public IEnumerable<CaseBatch> Batches(int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return _parts.SelectMany(part => Inputs(part.Source, part.Count, batchSize).Select(batch => new CaseBatch(
            batch with { First = part.First + batch.First },
            _labels.GetRange(part.First + batch.First, batch.Count).ToArray())));
    }

    private IEnumerable<InputBatch> Inputs(CaseSource source, int count, int batchSize) => source switch
    {
        RawCases raw => RawTensorFile.Open(raw.TensorsPath, _harness.Input, raw.TensorsAt, count, raw.Tensors).Read(batchSize),
        JsonlCases lines => JsonlInputs(lines, count, batchSize),
        _ => [],
    };

    private IEnumerable<InputBatch> JsonlInputs(JsonlCases lines, int count, int batchSize)
    {
        var spec = _harness.Input;
        using var cases = new JsonlCaseReader(lines.Path, spec, _harness.Classes).Read().GetEnumerator();
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
        var labels = LabelFile.Read(raw.LabelsPath, raw.Labels, _harness.Classes, raw.LabelsAt);
        if (labels.Length == 0) throw raw.SliceAt.Error("PB1032", raw.Slice);
        RawTensorFile.Open(raw.TensorsPath, _harness.Input, raw.TensorsAt, labels.Length, raw.Tensors);
        var slice = SliceIndex(raw.Slice);
        foreach (var label in labels) Add(label, slice, id: null);
    }

    private void Add(JsonlCases lines, HashSet<string> ids)
    {
        var before = Count;
        foreach (var line in new JsonlCaseReader(lines.Path, _harness.Input, _harness.Classes).Read())
        {
            if (!ids.Add(line.Id)) throw line.IdAt.Error("PB1034", line.Id);
            if (line.IsCritical) _critical.Add(Count, new CriticalCase(Count, line.Id, lines.Name, line.IdAt));
            Add(line.Label, SliceIndex(line.Slice), line.Id, line.Cluster);
        }
        if (Count == before) throw lines.NamedAt.Error("PB1012", lines.Name, "jsonl", "the file holds no cases");
    }

    private void Add(int label, int slice, string? id, string? cluster = null)
    {
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

    private int SliceIndex(string slice)
    {
        var index = _slices.IndexOf(slice);
        if (index >= 0) return index;
        _slices.Add(slice);
        return _slices.Count - 1;
    }

    private static string RawId(RawCases raw, int index) => $"{raw.Tensors}#{index}";
}
