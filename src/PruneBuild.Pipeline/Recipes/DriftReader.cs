using PruneBuild.Evaluation;

namespace PruneBuild.Pipeline;

/// <summary>Reads the <c>drift</c> section of a recipe.</summary>
internal static class DriftReader
{
    private static readonly (string Figure, double Missing, double Least, double Most)[] Gates =
        [("blockCosine", 0.98, -1, 1), ("kl", 0.05, 0, double.MaxValue), ("top1", 0.95, 0, 1), ("nonFinite", 0, 0, long.MaxValue)];

    /// <exception cref="Diagnostics.PruneBuildException">PB1011 to PB1013, PB3003 at the token at fault.</exception>
    public static DriftStep Read(JsonSection json, bool hasCalibration)
    {
        json.AllowOnly([.. Gates.Select(gate => gate.Figure), "interaction", "mode"]);
        if (!hasCalibration)
            throw json.Location.Error("PB3003", "drift");
        return new DriftStep(json.Location)
        {
            Interaction = json.Flag("interaction", false),
            IsError = json.Has("mode") && json.OneOf("mode", ("warn", false), ("fail", true)),
            Gates = [.. Gates.Select(gate => json.Has(gate.Figure)
                ? new DriftGate(gate.Figure, Threshold(json, gate), json.LocationOf(gate.Figure), IsGiven: true)
                : new DriftGate(gate.Figure, gate.Missing, json.Location, IsGiven: false))],
        };
    }

    private static double Threshold(JsonSection json, (string Figure, double Missing, double Least, double Most) gate) =>
        json.Number(gate.Figure) is var given && given >= gate.Least && given <= gate.Most ? given
        : throw json.Invalid(gate.Figure, gate.Most > 1 ? "0 or more is expected" : FormattableString.Invariant($"{gate.Least} to {gate.Most} is expected"));
}
