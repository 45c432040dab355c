using System.Globalization;
using PruneBuild.Runtime;

namespace PruneBuild.Pipeline;

/// <summary>What every weight costs in fewer bits and what was chosen, for people: <c>sensitivity.svg</c> and <c>sensitivity.csv</c>.</summary>
internal static class SensitivityReport
{
    private const int MostTicks = 12;

    private static readonly (int Bits, string Color)[] Lines = [(4, "#c0392b"), (8, "#2471a3")];

    /// <summary>Writes the files.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="report">What was chosen.</param>
    public static void Save(string folder, ArtifactMixedPrecision report)
    {
        Csv.Save(Path.Combine(folder, "sensitivity.csv"), "layer,bits,bytes,kl,chosen,reason", report.Weights.SelectMany(weight => weight.Options.Select(option =>
            new object?[] { weight.Layer, option.Bits, option.Bytes, option.Kl, option.Bits == weight.Bits ? 1 : 0, weight.Reason })));
        var step = (report.Weights.Count + MostTicks - 1) / MostTicks;
        var ticks = Enumerable.Range(0, report.Weights.Count).Where(index => index % step == 0).Select(index => ((double)index, (index + 1).ToString(CultureInfo.InvariantCulture))).ToList();
        Plot.Save(Path.Combine(folder, "sensitivity.svg"),
            [new Plot("Divergence by weight, in nats, all others as they are", "weight, in node order", ticks, [.. Lines.Select(line => Line(report, line.Bits, line.Color))])]);
    }

    private static PlotLine Line(ArtifactMixedPrecision report, int bits, string color) => new($"{bits} bits", color,
        [.. report.Weights.Select((weight, index) => (weight, index, Kl: weight.Options.FirstOrDefault(option => option.Bits == bits)?.Kl)).Where(point => point.Kl is not null)
            .Select(point => new PlotPoint(point.index, point.Kl!.Value, $"{point.weight.Layer}, {point.weight.Bits} bits chosen"))]);
}
