using PruneBuild.Graph;

namespace PruneBuild.Compression.Calibration;

/// <summary>Writes statistics as they come; shared ones once.</summary>
internal sealed class CalibrationStatisticsWriter : IDisposable
{
    private readonly BinaryWriter writer;
    private readonly List<(string Output, int Number)> byOutput = [];
    private readonly long start;
    private int count;

    /// <param name="stream">Seekable; stays open.</param>
    public CalibrationStatisticsWriter(Stream stream)
    {
        writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        start = stream.Position;
        writer.Write(CalibrationStatistics.Magic);
        writer.Write(0);
    }

    public void Add(IEnumerable<(WeightSite Site, SiteStatistics Statistics)> results) =>
        Add(results.Select(one => (one.Site.OutputName, one.Statistics)));

    public void Add(IEnumerable<(string Output, SiteStatistics Statistics)> results)
    {
        var numbers = new Dictionary<SiteStatistics, int>(ReferenceEqualityComparer.Instance);
        foreach (var (output, statistics) in results)
        {
            if (numbers.TryAdd(statistics, count))
                Write(statistics);
            byOutput.Add((output, numbers[statistics]));
        }
    }

    /// <summary>Completes the file; without it, nothing can be read.</summary>
    public void Finish()
    {
        writer.Write(byOutput.Count);
        foreach (var (output, number) in byOutput)
        {
            writer.Write(output);
            writer.Write(number);
        }
        writer.Flush();
        var end = writer.BaseStream.Position;
        writer.BaseStream.Position = start + sizeof(uint);
        writer.Write(count);
        writer.Flush();
        writer.BaseStream.Position = end;
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();

    private void Write(SiteStatistics statistics)
    {
        writer.Write(statistics.Reason ?? "");
        writer.Write(statistics.Fit.Count);
        foreach (var half in statistics.Fit.Concat(statistics.HoldOut))
            half.Save(writer);
        count++;
    }
}
