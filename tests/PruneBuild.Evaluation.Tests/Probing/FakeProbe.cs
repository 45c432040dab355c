using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Probing;
using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Tests.Probing;

/// <summary>A model whose times are given and which may run out of memory.</summary>
internal sealed class FakeProbe(double seconds, Action<string>? note = null) : IModelProbe
{
    private int _runs;

    public int FailsAt { get; init; } = int.MaxValue;

    public long? Peak { get; init; } = 1000;

    public IReadOnlyList<EmulatedLimit> Limits { get; init; } = [];

    public double Load()
    {
        note?.Invoke("load");
        return 10 * seconds;
    }

    public double Run(int block)
    {
        if (_runs++ >= FailsAt) throw new PruneBuildException("PB5040", "model.onnx", 100, "small");
        note?.Invoke($"{block}");
        return seconds;
    }

    public long? PeakResidentBytes() => Peak;

    public void Dispose()
    {
    }
}
