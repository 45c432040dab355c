using System.Globalization;

namespace PruneBuild.Evaluation.Scorers;

/// <summary>
/// A measured number, or the reason why there is none. There is no third state: the default value is not measured, and a number
/// that is not finite is no measurement.
/// </summary>
public readonly record struct Score
{
    private readonly string? _reason;

    private Score(double? value, string? reason) => (Value, _reason) = (value, reason);

    /// <summary>The number, always finite; null when nothing was measured.</summary>
    public double? Value { get; }

    /// <summary>Why there is no number; null when there is one.</summary>
    public string? Reason => Value is null ? _reason ?? "nothing was measured" : null;

    /// <summary>Whether there is a number.</summary>
    public bool IsMeasured => Value is not null;

    /// <summary>A measured number; not measured when it is NaN or infinite.</summary>
    public static Score Of(double value) => double.IsFinite(value) ? new Score(value, null) : NotMeasured("the result is not finite");

    /// <summary>1 when something holds, 0 when it does not.</summary>
    public static Score Of(bool holds) => new(holds ? 1 : 0, null);

    /// <summary>No number.</summary>
    /// <param name="reason">Why, as the end of a sentence: <c>no cases</c>.</param>
    public static Score NotMeasured(string reason) => new(null, reason);

    /// <inheritdoc/>
    public override string ToString() => Value?.ToString("R", CultureInfo.InvariantCulture) ?? $"not measured: {Reason}";
}
