using System.Globalization;
using System.Text;
using PruneBuild.Evaluation;

namespace PruneBuild.Worker;

/// <summary>Case numbers of floors as aligned text, a line for each floor and slice.</summary>
internal static class PowerTable
{
    private const int TextColumns = 2;

    public static string Write(IReadOnlyList<FloorPower> rows, PowerAssumptions assumptions)
    {
        var text = new StringBuilder();
        text.AppendLine(Line($"needs: cases at which a candidate as good as the dense parent clears the floor in {assumptions.Power:P0} of runs"));
        text.AppendLine(Line($"drop {assumptions.Drop:R}: cases at which a true drop of {assumptions.Drop:R} is told from none; shows: the smallest true drop that the cases there are tell from none"));
        text.AppendLine(Line($"assumed: discordance {assumptions.Discordance:R} or what the parent's errors allow, parent {assumptions.AssumedParent:R} where no lock says it"));
        text.AppendLine();
        string[] header = ["floor", "slice", "limit", "cases", "parent", "discordance", "needs", Line($"drop {assumptions.Drop:R}"), "shows", "enough"];
        AppendAligned(text, [header, .. rows.Select(Row)]);
        if (rows.Any(row => row.Clusters is not null))
            text.AppendLine("(cases in clusters: n cases in g clusters are worth between g and n; reckoned as g)");
        return text.ToString();
    }

    private static string[] Row(FloorPower row)
    {
        var available = row.Clusters ?? row.Cases;
        return
        [
            row.Floor.Id, row.Slice, Line($"{row.Floor.Threshold:R}"), row.Clusters is { } clusters ? $"{row.Cases}/{clusters}" : $"{row.Cases}",
            Line($"{row.Parent:F3}"), Line($"{row.Discordance:F3}"), row.Needed is { } needed ? Line($"{needed}") : "never",
            Line($"{row.NeededForDrop}"), Line($"{row.SmallestDrop:F3}"), row.Needed <= available ? "yes" : "no",
        ];
    }

    private static void AppendAligned(StringBuilder text, IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, column) => column < TextColumns ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            text.AppendLine(string.Join("  ", cells).TrimEnd());
        }
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture).Replace(" %", "%", StringComparison.Ordinal);
}
