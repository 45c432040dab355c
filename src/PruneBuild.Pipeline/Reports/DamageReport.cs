using System.Globalization;
using Microsoft.VisualBasic.FileIO;
using PruneBuild.Compression.LayerRatios;
using PruneBuild.Compression.Pruning;
using PruneBuild.Evaluation.Reports;

namespace PruneBuild.Pipeline;

/// <summary>
/// What pruning did to every layer, for people, beside the pruned model: <c>damage.svg</c> to look at, <c>damage.csv</c> and, where
/// the layer ratios needed them, <c>curves.csv</c> for a spreadsheet.
/// </summary>
internal static class DamageReport
{
    private const int MostNames = 12;
    private const string TableName = "damage.csv";

    private static readonly string[] Colors = ["#2471a3", "#c0392b", "#1e8449", "#7d3c98", "#b9770e", "#616a6b"];

    /// <summary>Writes the files.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="reports">One a layer, in node order.</param>
    /// <param name="curves">Squared relative error against sparsity; may be empty.</param>
    public static void Save(string folder, IReadOnlyList<LayerReport> reports, IReadOnlyList<LayerCurve> curves)
    {
        Csv.Save(Path.Combine(folder, TableName), "layer,op,outputs,inputs,pattern,sparsity,relativeErrorPruned,relativeErrorRecovered,recovery,reason", reports.Select(report =>
            new object?[]
            {
                report.Name, report.Op, report.Outputs, report.Inputs, report.Pattern, report.Sparsity, report.RelativeErrorPruned, report.RelativeErrorRecovered,
                report.Recovery, report.Reason,
            }));
        if (curves.Count > 0)
        {
            Csv.Save(Path.Combine(folder, "curves.csv"), "weight,elements,sparsity,relativeError", curves.SelectMany(curve =>
                curve.Sparsities.Zip(curve.Errors, (sparsity, error) => new object?[] { curve.Weight, curve.Elements, sparsity, Math.Sqrt(error) })));
        }
        var (pruned, recovered) = (reports.Select(report => report.RelativeErrorPruned), reports.Select(report => report.RelativeErrorRecovered));
        var layers = new Plot("Relative output error by layer", "layer, in node order", LayerTicks(reports),
            [Line("after pruning", "#c0392b", reports, pruned), Line("after recovery", "#2471a3", reports, recovered)]);
        var costs = new Plot("Relative output error against sparsity", "sparsity", [.. Enumerable.Range(0, 10).Select(tenth => (tenth / 10.0, $"0.{tenth}"))],
            [.. curves.Select((curve, index) => new PlotLine("", Colors[index % Colors.Length],
                [.. curve.Sparsities.Zip(curve.Errors, (sparsity, error) => new PlotPoint(sparsity, Math.Sqrt(error), curve.Weight))])
            {
                EndLabel = curves.Count <= MostNames ? curve.Weight : "",
            })]);
        Plot.Save(Path.Combine(folder, "damage.svg"), curves.Count > 0 ? [layers, costs] : [layers]);
    }

    /// <summary>What <see cref="Save"/> wrote about every layer; empty when nothing was pruned.</summary>
    /// <param name="folder">The folder of the pruned model.</param>
    public static IReadOnlyList<LayerDamage> Load(string folder)
    {
        var path = Path.Combine(folder, TableName);
        if (!File.Exists(path))
            return [];
        using var table = new TextFieldParser(path) { Delimiters = [","], TrimWhiteSpace = false };
        var columns = table.ReadFields()!;
        var layers = new List<LayerDamage>();
        while (table.ReadFields() is { } cells)
        {
            string Cell(string column) => cells[Array.IndexOf(columns, column)];
            double? Number(string column) => Cell(column).Length == 0 ? null : double.Parse(Cell(column), CultureInfo.InvariantCulture);
            layers.Add(new LayerDamage(
                Cell("layer"), Cell("pattern"), Number("sparsity") ?? 0, Number("relativeErrorPruned"), Number("relativeErrorRecovered"), Cell("recovery")));
        }
        return layers;
    }

    /// <summary>Names where there is room for them, else numbers; a name may be as long as its share of the width.</summary>
    private static List<(double, string)> LayerTicks(IReadOnlyList<LayerReport> reports)
    {
        var step = (reports.Count + MostNames - 1) / MostNames;
        var most = 120 / Math.Max(1, Math.Min(reports.Count, MostNames));
        return [.. Enumerable.Range(0, reports.Count).Where(index => index % step == 0).Select(index => ((double)index,
            reports.Count <= MostNames && reports.All(report => report.Name.Length <= most) ? reports[index].Name : (index + 1).ToString(CultureInfo.InvariantCulture)))];
    }

    private static PlotLine Line(string name, string color, IReadOnlyList<LayerReport> reports, IEnumerable<double?> errors) => new(name, color,
        [.. errors.Select((error, index) => (error, index)).Where(pair => pair.error is not null)
            .Select(pair => new PlotPoint(pair.index, pair.error!.Value, $"{reports[pair.index].Name} ({reports[pair.index].Pattern})"))]);
}
