namespace PruneBuild.Evaluation.Performance;

/// <summary>Says what a host can tell about a target: a linux-x64 host cannot time win-arm64.</summary>
public static class MeasurementOrigin
{
    /// <summary>The state of times that this host takes.</summary>
    /// <param name="hostRid">RID of the machine that measures.</param>
    /// <param name="targetRid">RID of the machine that the model is for.</param>
    public static MeasurementState OfTimes(string hostRid, string targetRid) =>
        hostRid == targetRid ? MeasurementState.Measured : MeasurementState.NotMeasured;

    /// <summary>The state of answers that this host computes.</summary>
    public static MeasurementState OfAnswers(string hostRid, string targetRid) =>
        hostRid == targetRid ? MeasurementState.Measured : MeasurementState.Proxy;
}
