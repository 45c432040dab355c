namespace PruneBuild.Evaluation.Tests.Performance;

/// <summary>A clock that moves only when told.</summary>
internal sealed class SyntheticClock : TimeProvider
{
    private long _now;

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => _now;

    public void Advance(double seconds) => _now += (long)Math.Round(seconds * TimestampFrequency);
}
