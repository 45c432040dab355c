using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>A file that criteria, recovery and training learn from.</summary>
/// <param name="File">Absolute path.</param>
/// <param name="Description">What the recipe says about its content: part of the stage key.</param>
/// <param name="At">The token that names the file.</param>
/// <param name="Samples">How many to use at most.</param>
public abstract record CalibrationData(string File, string Description, SourceLocation At, int Samples);

/// <summary>Raw tensors.</summary>
/// <param name="File">Absolute path.</param>
/// <param name="Description">The input as it stands in the recipe.</param>
/// <param name="At">The token that names the file.</param>
/// <param name="Samples">How many to use at most.</param>
/// <param name="Input">How to turn them into model input.</param>
public sealed record TensorCalibration(string File, string Description, SourceLocation At, int Samples, InputSpec Input)
    : CalibrationData(File, Description, At, Samples);

/// <summary>Token ids of a text, cut into windows of one length.</summary>
/// <param name="File">Absolute path.</param>
/// <param name="Description">Form and length.</param>
/// <param name="At">The token that names the file.</param>
/// <param name="Samples">How many windows to use at most.</param>
/// <param name="Width">How an id is stored.</param>
/// <param name="Length">Tokens of a window.</param>
public sealed record TokenCalibration(string File, string Description, SourceLocation At, int Samples, TokenWidth Width, int Length)
    : CalibrationData(File, Description, At, Samples);

/// <summary>How a token id is stored, little-endian.</summary>
public enum TokenWidth
{
    /// <summary>Two bytes without a sign.</summary>
    TwoBytes = 2,

    /// <summary>Four bytes.</summary>
    FourBytes = 4,
}
