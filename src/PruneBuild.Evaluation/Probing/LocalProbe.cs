using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Profiles;
using PruneBuild.Runtime;

namespace PruneBuild.Evaluation.Probing;

/// <summary>A probe in this process, which no limit holds for: what the child of <see cref="ChildProbe"/> runs.</summary>
/// <param name="job">What it runs.</param>
public sealed class LocalProbe(ProbeJob job) : IModelProbe
{
    private readonly RowFile _inputs = RowFile.Open(job.Inputs);
    private readonly RunOptions _options = new();
    private RunningModel? _model;
    private Action<float[]>? _ask;

    /// <inheritdoc/>
    public IReadOnlyList<EmulatedLimit> Limits => [];

    /// <inheritdoc/>
    public double Load() => Timed(() =>
    {
        _model?.Session.Dispose();
        _model = null;
        var session = ModelSession.Open(job.Model, job.Threads);
        _model = new RunningModel(session, _options, job.Model, RunningModel.Choose(job.Output, session.OutputNames, "output", job.Model), null, CancellationToken.None);
        _ask = Asking(_model);
    });

    /// <inheritdoc/>
    public double Run(int block)
    {
        if (_ask is null) Load();
        var rows = Enumerable.Range(job.FirstRows[block], job.FirstRows[block + 1] - job.FirstRows[block]).Select(_inputs.Read).ToList();
        return Timed(() => rows.ForEach(_ask!));
    }

    /// <inheritdoc/>
    public long? PeakResidentBytes() => PeakResident.Of(Environment.ProcessId);

    /// <inheritdoc/>
    public void Dispose()
    {
        _model?.Session.Dispose();
        _options.Dispose();
        _inputs.Dispose();
    }

    private double Timed(Action run)
    {
        try
        {
            var start = Stopwatch.GetTimestamp();
            run();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        catch (OnnxRuntimeException exception)
        {
            throw new PruneBuildException(Diagnostic.Create("PB5001", Severity.Error, job.Model, exception.Message.ReplaceLineEndings(" ")).At(job.Model), exception);
        }
    }

    private Action<float[]> Asking(RunningModel model)
    {
        if (job.TakesTokens)
        {
            var feeds = TokenFeeds.Of(model, job.Input);
            return row => Ask(model, feeds.Create(Array.ConvertAll(row, number => (long)number), 1, row.Length));
        }
        var name = RunningModel.Choose(job.Input, model.Session.InputNames, "input", job.Model);
        var size = TensorRun.FixedBatch(model, name);
        return row =>
        {
            var batch = TensorRun.Fill(new InputBatch(row, job.Shape, 0, 1), size);
            Ask(model, [(name, OrtValue.CreateTensorValueFromMemory(batch.Data, batch.Shape))]);
        };
    }

    private static void Ask(RunningModel model, IReadOnlyList<(string Name, OrtValue Value)> inputs)
    {
        try
        {
            model.Run(inputs, _ => true, found => model.WrongOutput(found, "numbers"));
        }
        finally
        {
            foreach (var (_, value) in inputs) value.Dispose();
        }
    }
}
