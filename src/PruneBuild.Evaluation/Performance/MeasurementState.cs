namespace PruneBuild.Evaluation.Performance;

/// <summary>What a figure says about the target.</summary>
public enum MeasurementState
{
    /// <summary>Measured on a machine of the target's RID.</summary>
    Measured,

    /// <summary>Taken on another machine: good for answers, never for times.</summary>
    Proxy,

    /// <summary>Measured on a device elsewhere and read from a file.</summary>
    Imported,

    /// <summary>There is no figure.</summary>
    NotMeasured,
}
