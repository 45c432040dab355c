using System.Diagnostics;
using Newtonsoft.Json;
using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Probing;

/// <summary>A probe in this process of a model that writes.</summary>
/// <param name="job">What it runs.</param>
/// <param name="open">Opens the job's model.</param>
public sealed class WritingProbe(ProbeJob job, Func<ProbeJob, ITextGenerator> open) : IModelProbe
{
    private readonly WritingPrompt[] _prompts = Read(job.Inputs);
    private ITextGenerator? _model;
    private WrittenText? _last;

    /// <inheritdoc/>
    public IReadOnlyList<EmulatedLimit> Limits => [];

    /// <inheritdoc/>
    public bool Writes => true;

    /// <summary>Writes the prompts of blocks where <see cref="ProbeJob.Inputs"/> says.</summary>
    public static void Write(string path, IReadOnlyList<WritingPrompt> prompts) => File.WriteAllText(path, JsonConvert.SerializeObject(prompts));

    /// <inheritdoc/>
    public double Load()
    {
        _model?.Dispose();
        _model = null;
        var start = Stopwatch.GetTimestamp();
        _model = open(job);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <inheritdoc/>
    public double Run(int block)
    {
        if (_model is null) Load();
        var start = Stopwatch.GetTimestamp();
        _last = _model!.Write($"block {block}", _prompts[block], job.Writing!.Settings, CancellationToken.None);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <inheritdoc/>
    public double FirstTokenSeconds() => _last?.FirstTokenSeconds ?? double.NaN;

    /// <inheritdoc/>
    public double TokenSeconds() => _last is { Tokens: > 1 } text ? (text.Seconds - text.FirstTokenSeconds) / (text.Tokens - 1) : double.NaN;

    /// <inheritdoc/>
    public long? PeakResidentBytes() => PeakResident.Of(Environment.ProcessId);

    /// <inheritdoc/>
    public void Dispose() => _model?.Dispose();

    private static WritingPrompt[] Read(string path) => JsonConvert.DeserializeObject<WritingPrompt[]>(File.ReadAllText(path))!;
}
