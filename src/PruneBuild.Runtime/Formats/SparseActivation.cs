namespace PruneBuild.Runtime;

/// <summary>What a sparse multiplication applies to its result after bias and residual.</summary>
public enum SparseActivation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Negative values become zero; NaN stays NaN.</summary>
    Relu,

    /// <summary>Clipped to 0..6; NaN stays NaN.</summary>
    Relu6,

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    Sigmoid,

    /// <summary>x · sigmoid(x), also called Swish.</summary>
    Silu,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>x · Φ(x) by the error function (Hendrycks and Gimpel 2016).</summary>
    Gelu,

    /// <summary>The tanh form of Gelu.</summary>
    GeluTanh,
}

/// <summary>The names of <see cref="SparseActivation"/> in node attributes.</summary>
public static class SparseActivations
{
    /// <summary>Applies the activation to one value: the definition that kernels answer to.</summary>
    public static unsafe float Apply(this SparseActivation activation, float value)
    {
        ActivationFunctions.Apply(activation, &value, 1);
        return value;
    }

    /// <summary>The activation of an <c>activation</c> attribute, for example <c>relu</c>.</summary>
    /// <exception cref="InvalidDataException">The name is not known.</exception>
    public static SparseActivation Parse(string name)
    {
        foreach (var activation in Enum.GetValues<SparseActivation>())
        {
            if (activation.AttributeName() == name)
                return activation;
        }

        throw new InvalidDataException($"The activation '{name}' is not known; expected one of {string.Join(", ", Enum.GetValues<SparseActivation>().Select(AttributeName))}.");
    }

    /// <summary>The value of an <c>activation</c> attribute.</summary>
    public static string AttributeName(this SparseActivation activation) => activation switch
    {
        SparseActivation.None => "none",
        SparseActivation.Relu => "relu",
        SparseActivation.Relu6 => "relu6",
        SparseActivation.Sigmoid => "sigmoid",
        SparseActivation.Silu => "silu",
        SparseActivation.Tanh => "tanh",
        SparseActivation.Gelu => "gelu",
        SparseActivation.GeluTanh => "gelu_tanh",
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };
}
