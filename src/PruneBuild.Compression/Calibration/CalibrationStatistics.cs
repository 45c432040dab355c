using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Calibration;

/// <summary>The statistics of every site of a model. Sites that see the same rows share one object.</summary>
public sealed class CalibrationStatistics
{
    // "PCS2"; "PCS1" had the features of a convolution in another order.
    private const uint Magic = 0x32534350;

    private readonly Dictionary<string, SiteStatistics> byOutput;

    internal CalibrationStatistics(Dictionary<string, SiteStatistics> byOutput) => this.byOutput = byOutput;

    /// <summary>The statistics of a site; a reason instead when the site was not calibrated.</summary>
    public SiteStatistics For(WeightSite site) =>
        byOutput.TryGetValue(site.OutputName, out var found) ? found : SiteStatistics.None("the layer was not calibrated");

    /// <summary>The statistics once the inputs of some sites were put in another order.</summary>
    /// <param name="columns">By the site's output: the old column that each new one holds; sites of one input tensor have one order.</param>
    internal CalibrationStatistics Reordered(IReadOnlyDictionary<string, int[]> columns)
    {
        var moved = new Dictionary<SiteStatistics, SiteStatistics>(ReferenceEqualityComparer.Instance);
        SiteStatistics Move(SiteStatistics known, int[] order)
        {
            if (!moved.TryGetValue(known, out var fresh))
                moved[known] = fresh = known with { Fit = [.. known.Fit.Select(half => half.Reordered(order))], HoldOut = [.. known.HoldOut.Select(half => half.Reordered(order))] };
            return fresh;
        }
        return new CalibrationStatistics(byOutput.ToDictionary(
            pair => pair.Key, pair => columns.TryGetValue(pair.Key, out var order) && pair.Value.Reason is null ? Move(pair.Value, order) : pair.Value, StringComparer.Ordinal));
    }

    /// <summary>Writes everything, shared statistics once.</summary>
    public void Save(Stream stream)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        var distinct = byOutput.Values.Distinct(ReferenceEqualityComparer.Instance).Cast<SiteStatistics>().ToList();
        writer.Write(Magic);
        writer.Write(distinct.Count);
        foreach (var statistics in distinct)
        {
            writer.Write(statistics.Reason ?? "");
            writer.Write(statistics.Fit.Count);
            foreach (var half in statistics.Fit.Concat(statistics.HoldOut))
                half.Save(writer);
        }
        writer.Write(byOutput.Count);
        foreach (var (output, statistics) in byOutput)
        {
            writer.Write(output);
            writer.Write(distinct.FindIndex(other => ReferenceEquals(other, statistics)));
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The stream holds something else, or less.</exception>
    public static CalibrationStatistics Load(Stream stream)
    {
        using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        try
        {
            if (reader.ReadUInt32() != Magic)
                throw new InvalidDataException("Not a file of calibration statistics.");
            var distinct = new List<SiteStatistics>();
            for (var left = reader.ReadInt32(); left > 0; left--)
            {
                var reason = reader.ReadString();
                var groups = reader.ReadInt32();
                var halves = new List<InputStatistics>();
                for (var index = 0L; index < 2L * groups; index++)
                    halves.Add(InputStatistics.Load(reader));
                distinct.Add(new SiteStatistics([.. halves.Take(groups)], [.. halves.Skip(groups)], reason.Length == 0 ? null : reason));
            }
            var byOutput = new Dictionary<string, SiteStatistics>(StringComparer.Ordinal);
            for (var left = reader.ReadInt32(); left > 0; left--)
                byOutput[reader.ReadString()] = distinct[reader.ReadInt32()];
            return new CalibrationStatistics(byOutput);
        }
        catch (Exception reason) when (reason is EndOfStreamException or ArgumentOutOfRangeException or FormatException)
        {
            throw new InvalidDataException("The calibration statistics are damaged.", reason);
        }
    }
}
