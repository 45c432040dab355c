namespace PruneBuild.Runtime;

/// <summary>What a sparse multiplication applies to its result after the bias.</summary>
public enum SparseActivation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Negative values become zero; NaN stays NaN.</summary>
    Relu,
}

/// <summary>The scalar definition of <see cref="SparseActivation"/> and its attribute names.</summary>
public static class SparseActivations
{
    /// <summary>Applies the activation to one value.</summary>
    public static float Apply(this SparseActivation activation, float value) => activation == SparseActivation.Relu && value < 0 ? 0 : value;

    /// <summary>The activation of an <c>activation</c> attribute: <c>none</c> or <c>relu</c>.</summary>
    /// <exception cref="InvalidDataException">The name is not known.</exception>
    public static SparseActivation Parse(string name) => name switch
    {
        "none" => SparseActivation.None,
        "relu" => SparseActivation.Relu,
        _ => throw new InvalidDataException($"The activation '{name}' is not known; expected 'none' or 'relu'."),
    };
}
