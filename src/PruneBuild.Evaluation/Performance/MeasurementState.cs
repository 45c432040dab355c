namespace PruneBuild.Evaluation.Performance;

/// <summary>What a figure says about the target.</summary>
public enum MeasurementState
{
    /// <summary>Measured on a machine of the target's RID.</summary>
    Measured,

    /// <summary>Taken on a machine with another RID, which the harness allows to stand in.</summary>
    Proxy,

    /// <summary>Measured on a device elsewhere and read from a file.</summary>
    Imported,

    /// <summary>There is no figure.</summary>
    NotMeasured,
}
