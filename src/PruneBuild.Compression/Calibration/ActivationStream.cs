using Microsoft.ML.OnnxRuntime;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using PruneBuild.Graph.Segmentation;
using PruneBuild.Graph.Transformers;

namespace PruneBuild.Compression.Calibration;

/// <summary>Takes a value that a segment made, while it is valid.</summary>
/// <param name="name">Which value.</param>
/// <param name="batch">Of which batch.</param>
/// <param name="value">The tensor.</param>
internal delegate void ActivationVisitor(string name, int batch, OrtValue value);

/// <summary>What a stream is to compute next.</summary>
/// <param name="Targets">Values to compute and show; those that were kept are not computed again.</param>
/// <param name="Later">Values that will be targets of later requests.</param>
internal sealed record StreamRequest(IReadOnlyList<string> Targets, IReadOnlyList<string> Later)
{
    /// <summary>Values to compute already because later targets need them.</summary>
    public IReadOnlyList<string> Carried { get; init; } = [];

    /// <summary>Whether <see cref="ActivationStream.Read"/> will ask for the targets.</summary>
    public bool KeepTargets { get; init; }

    /// <summary>Whether to show every tensor on the way as well.</summary>
    public bool VisitAll { get; init; }
}

/// <summary>
/// The activations of all calibration batches at one place of a model, moved forward segment by segment. What later segments need
/// waits in a scratch folder, so memory holds one segment's weights and one batch's activations.
/// </summary>
internal sealed class ActivationStream : IDisposable
{
    private readonly OnnxModel model;
    private readonly string modelPath;
    private readonly int threads;
    private readonly string folder;
    private readonly HashSet<string> inputs;
    private readonly List<string> sources = [];
    private readonly Dictionary<string, ActivationSpool> spools = new(StringComparer.Ordinal);
    private readonly HashSet<string> borrowed = new(StringComparer.Ordinal);

    /// <param name="model">May be edited between the calls, downstream of what was computed.</param>
    /// <param name="modelPath">The user's file, for messages.</param>
    /// <param name="threads">Threads of ONNX Runtime.</param>
    /// <param name="scratch">Folder to make a scratch folder in.</param>
    public ActivationStream(OnnxModel model, string modelPath, int threads, string scratch)
    {
        (this.model, this.modelPath, this.threads) = (model, modelPath, threads);
        inputs = model.Graph.Input.Select(input => input.Name).Where(name => !model.Weights.ContainsKey(name)).ToHashSet(StringComparer.Ordinal);
        folder = Path.Combine(scratch, $"prunebuild-activations-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PruneBuildException("PB6002", folder, exception.Message);
        }
    }

    private ActivationStream(OnnxModel model, ActivationStream other, int mostBatches, Predicate<string> shares)
        : this(model, other.modelPath, other.threads, Path.GetDirectoryName(other.folder)!)
    {
        sources = [.. other.sources.Take(mostBatches)];
        borrowed.UnionWith(inputs.Concat(other.spools.Keys.Where(name => !other.inputs.Contains(name) && shares(name))));
        foreach (var name in borrowed)
            spools[name] = other.spools[name];
    }

    /// <summary>The same batches through another model; must be disposed before this one.</summary>
    /// <param name="other">The model.</param>
    /// <param name="mostBatches">Only the first so many.</param>
    /// <param name="shares">Which kept values the other model would make just so; none by default.</param>
    public ActivationStream Twin(OnnxModel other, int mostBatches = int.MaxValue, Predicate<string>? shares = null) =>
        new(other, this, mostBatches, shares ?? (_ => false));

    /// <summary>Batches at hand.</summary>
    public int Batches => sources.Count;

    /// <summary>Nodes that ran so far, each counted once a batch.</summary>
    public long NodesRun { get; private set; }

    /// <summary>Whether a value is at hand, a model input for example.</summary>
    public bool Has(string name) => spools.ContainsKey(name);

    /// <summary>Keeps the model inputs of the batches, which are enumerated once.</summary>
    /// <exception cref="PruneBuildException">PB3004: a batch lacks an input or does not fill its shape.</exception>
    public void Fill(IEnumerable<CalibrationBatch> batches, CancellationToken cancellation)
    {
        foreach (var name in inputs)
            spools[name] = new ActivationSpool(folder);
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            sources.Add(batch.Source);
            foreach (var name in inputs)
            {
                using var value = BatchValues.Of(batch, name);
                spools[name].Write(value);
            }
        }
    }

    /// <summary>Computes values for every batch and keeps what the values after them need.</summary>
    /// <param name="request">What to compute and what to keep.</param>
    /// <param name="visit">Takes every target of every batch, in batch order; may be null.</param>
    /// <param name="cancellation">Observed between batches.</param>
    /// <exception cref="PruneBuildException">PB2012: ONNX Runtime rejects the model. PB3004: a batch does not fit it. PB6002: scratch space.</exception>
    public void Advance(StreamRequest request, ActivationVisitor? visit, CancellationToken cancellation)
    {
        if (Batches == 0)
            return;
        var flow = new DataFlow(model);
        var segment = flow.Between(spools.ContainsKey, request.Targets.Concat(request.Carried));
        var made = segment.Nodes.SelectMany(node => node.Output).Where(value => flow.IsDynamic(value) && flow.CanWait(value)).ToHashSet(StringComparer.Ordinal);
        var kept = flow.Frontier(value => spools.ContainsKey(value) || made.Contains(value), request.Later).ToHashSet(StringComparer.Ordinal);
        if (request.KeepTargets)
            kept.UnionWith(request.Targets);
        var visited = request.VisitAll ? made : request.Targets.ToHashSet(StringComparer.Ordinal);
        var outputs = visited.Union(kept, StringComparer.Ordinal).Where(value => !spools.ContainsKey(value)).ToList();
        foreach (var target in visited.Where(spools.ContainsKey))
            Visit(target, visit, cancellation);
        if (outputs.Count > 0)
            Run(segment with { Outputs = outputs }, kept, visited, visit, cancellation);
        foreach (var name in spools.Keys.Where(name => !kept.Contains(name) && !inputs.Contains(name)).ToList())
            Drop(name);
    }

    /// <summary>A copy of a kept value; the caller disposes it.</summary>
    public OrtValue Read(string name, int batch) => spools[name].Read(batch);

    /// <summary>Goes back to the model's inputs, because a weight that was used before has changed.</summary>
    public void Rewind()
    {
        foreach (var name in spools.Keys.Where(name => !inputs.Contains(name)).ToList())
            Drop(name);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (name, spool) in spools)
            if (!borrowed.Contains(name))
                spool.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private void Visit(string name, ActivationVisitor? visit, CancellationToken cancellation)
    {
        for (var batch = 0; batch < Batches && visit is not null; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var value = Read(name, batch);
            visit(name, batch, value);
        }
    }

    private void Run(Segment segment, HashSet<string> kept, HashSet<string> visited, ActivationVisitor? visit, CancellationToken cancellation)
    {
        using var session = SegmentSession.Open(model, modelPath, segment, [.. segment.Inputs.Select(Describe)], folder, threads);
        foreach (var name in segment.Outputs.Where(kept.Contains))
            spools[name] = new ActivationSpool(folder);
        NodesRun += (long)segment.Nodes.Count * Batches;
        for (var batch = 0; batch < Batches; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            var values = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
            try
            {
                foreach (var name in segment.Inputs)
                    values[name] = Fitting(name, batch);
                using var results = session.Run(values, segment.Outputs, sources[batch]);
                for (var index = 0; index < segment.Outputs.Count; index++)
                {
                    var name = segment.Outputs[index];
                    if (kept.Contains(name))
                        spools[name].Write(results[index]);
                    if (visited.Contains(name))
                        visit?.Invoke(name, batch, results[index]);
                }
            }
            finally
            {
                foreach (var value in values.Values)
                    value.Dispose();
            }
        }
    }

    /// <summary>A kept value; an empty key-value cache with as many groups as this model has, where a twin has fewer.</summary>
    private OrtValue Fitting(string name, int batch)
    {
        var value = Read(name, batch);
        if (!inputs.Contains(name) || !KeyValueCache.IsPast(name) || value.GetTensorTypeAndShape().Shape is not [_, var groups, 0, _] shape
            || Describe(name).Type?.TensorType?.Shape?.Dim is not [_, { DimValue: > 0 } own, _, _] || own.DimValue == groups)
        {
            return value;
        }
        value.Dispose();
        shape[1] = own.DimValue;
        return OrtValue.CreateTensorValueFromMemory(Array.Empty<float>(), shape);
    }

    private ValueInfoProto Describe(string name)
    {
        // What the model declares: data that contradicts it is the data's fault, not the model's.
        if (inputs.Contains(name))
            return model.Graph.Input.First(input => input.Name == name);
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)spools[name].ElementType };
        if (spools[name].CommonShape() is { } shape)
        {
            tensor.Shape = new TensorShapeProto();
            tensor.Shape.Dim.Add(shape.Select(size => size < 0
                ? new TensorShapeProto.Types.Dimension()
                : new TensorShapeProto.Types.Dimension { DimValue = size }));
        }
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    private void Drop(string name)
    {
        if (!borrowed.Remove(name))
            spools[name].Dispose();
        spools.Remove(name);
    }
}
