using System.Globalization;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation;

/// <summary>How much one artifact may differ between two machines.</summary>
/// <param name="Agreement">The least share of cases with the same answer.</param>
/// <param name="MeanDivergence">The largest mean divergence, in nats.</param>
/// <param name="RightToWrong">How many labelled cases only the reference may have right; null for no limit.</param>
public sealed record PlatformLimits(double Agreement = 0.995, double MeanDivergence = 0.01, int? RightToWrong = null)
{
    /// <summary>What is beyond the limits, one PB7010 each, numbers that are not finite first.</summary>
    /// <param name="difference">What was measured.</param>
    /// <param name="machine">Where the other recording comes from.</param>
    public IReadOnlyList<Diagnostic> Check(PlatformDifference difference, string machine)
    {
        ArgumentNullException.ThrowIfNull(difference);
        var culture = CultureInfo.InvariantCulture;
        var found = new List<Diagnostic>();
        void Add(bool isBeyond, string text)
        {
            if (isBeyond) found.Add(Diagnostic.Create("PB7010", Severity.Error, machine, text));
        }
        Add(difference.NotFinite > 0, $"{difference.NotFinite} of {difference.Cases} cases give numbers that are not finite");
        Add(difference.Agreement < Agreement, string.Create(culture, $"{difference.Agreement:0.0000} of {difference.Cases} cases are answered alike, at least {Agreement} is demanded"));
        Add(difference.MeanDivergence > MeanDivergence, string.Create(culture, $"the mean divergence is {difference.MeanDivergence:0.000000} nats, at most {MeanDivergence} is allowed"));
        Add(difference.RightToWrong > RightToWrong, $"{difference.RightToWrong} cases are right on the reference alone, at most {RightToWrong} are allowed");
        return found;
    }
}
