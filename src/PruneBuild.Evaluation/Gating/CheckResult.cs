namespace PruneBuild.Evaluation;

/// <summary>How a floor came out, from best to worst.</summary>
public enum CheckResult
{
    /// <summary>Cleared.</summary>
    Pass,

    /// <summary>Missed or undecided, and accepted for a time by an entry of the ledger.</summary>
    Waived,

    /// <summary>The measured value clears the floor, but so few cases leave a failure possible.</summary>
    Inconclusive,

    /// <summary>The measured value misses the floor.</summary>
    Fail,

    /// <summary>There are too few cases to measure anything, or nothing measures it.</summary>
    NotMeasured,

    /// <summary>A judge that the value comes from is not calibrated well enough, so it says nothing about the candidate.</summary>
    JudgeInvalid,

    /// <summary>There is no value that could be judged.</summary>
    Error,
}

/// <summary>What an inconclusive floor does to the build.</summary>
public enum InconclusivePolicy
{
    /// <summary>It ends the build.</summary>
    Fail,

    /// <summary>It is a warning.</summary>
    Warn,
}
