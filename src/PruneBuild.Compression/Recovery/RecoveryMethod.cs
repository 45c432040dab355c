using PruneBuild.Diagnostics;

namespace PruneBuild.Compression.Recovery;

/// <summary>What repairs the output of a pruned layer. Each level contains the one before, so its training error is never higher.</summary>
public enum RecoveryMethod
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The mean output is restored by the bias.</summary>
    Bias,

    /// <summary>Every output is scaled and shifted to fit the dense one.</summary>
    Linear,

    /// <summary>The kept weights and the bias are fitted to the dense output.</summary>
    LeastSquares,
}

/// <summary>The names that a recipe uses.</summary>
public static class RecoveryMethods
{
    /// <summary>The method of a name: <c>none</c>, <c>bias</c>, <c>linear</c> or <c>least-squares</c>.</summary>
    /// <exception cref="PruneBuildException">PB1012: there is none.</exception>
    public static RecoveryMethod Parse(string name) => name switch
    {
        "none" => RecoveryMethod.None,
        "bias" => RecoveryMethod.Bias,
        "linear" => RecoveryMethod.Linear,
        "least-squares" => RecoveryMethod.LeastSquares,
        _ => throw new PruneBuildException("PB1012", name, "recovery", "use one of none, bias, linear, least-squares"),
    };

    /// <summary>The name of a method.</summary>
    public static string Name(this RecoveryMethod method) => method switch
    {
        RecoveryMethod.None => "none",
        RecoveryMethod.Bias => "bias",
        RecoveryMethod.Linear => "linear",
        RecoveryMethod.LeastSquares => "least-squares",
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, null),
    };
}
