using PruneBuild.Compression.Statistics;
using PruneBuild.Graph;

namespace PruneBuild.Compression.Calibration;

/// <summary>The statistics of every site of a model. Sites that see the same rows share one object.</summary>
public sealed class CalibrationStatistics
{
    // "PCS2"; "PCS1" had the features of a convolution in another order.
    internal const uint Magic = 0x32534350;

    private const long LargeEntry = 32L << 20;

    private readonly Dictionary<string, Source> byOutput;

    internal CalibrationStatistics(Dictionary<string, SiteStatistics> byOutput)
    {
        var sources = byOutput.Values.Distinct<SiteStatistics>(ReferenceEqualityComparer.Instance)
            .ToDictionary(statistics => statistics, statistics => new Source(statistics), (IEqualityComparer<SiteStatistics>)ReferenceEqualityComparer.Instance);
        this.byOutput = byOutput.ToDictionary(pair => pair.Key, pair => sources[pair.Value], StringComparer.Ordinal);
    }

    private CalibrationStatistics(Dictionary<string, Source> byOutput) => this.byOutput = byOutput;

    /// <summary>The statistics of a site; a reason instead when the site was not calibrated.</summary>
    /// <exception cref="InvalidDataException">The file behind them is damaged.</exception>
    public SiteStatistics For(WeightSite site) =>
        byOutput.TryGetValue(site.OutputName, out var found) ? found.Get() : SiteStatistics.None("the layer was not calibrated");

    /// <summary>The statistics once the inputs of some sites were put in another order.</summary>
    /// <param name="columns">By the site's output: the old column that each new one holds; sites of one input tensor have one order.</param>
    internal CalibrationStatistics Reordered(IReadOnlyDictionary<string, int[]> columns) => Mapped(columns.ToDictionary(
        pair => pair.Key, pair => (Func<InputStatistics, int, InputStatistics>)((known, _) => known.Reordered(pair.Value)), StringComparer.Ordinal));

    /// <summary>The statistics once the inputs of some sites were mapped.</summary>
    /// <param name="maps">By the site's output: the new statistics of a channel group; sites of one input tensor have one map.</param>
    internal CalibrationStatistics Mapped(IReadOnlyDictionary<string, Func<InputStatistics, int, InputStatistics>> maps)
    {
        var moved = new Dictionary<Source, Source>(ReferenceEqualityComparer.Instance);
        Source Move(Source source, Func<InputStatistics, int, InputStatistics> map)
        {
            if (moved.TryGetValue(source, out var before))
                return before;
            return moved[source] = new Source(() => source.Get() is { Reason: null } known
                ? known with { Fit = [.. known.Fit.Select(map)], HoldOut = [.. known.HoldOut.Select(map)] }
                : source.Get());
        }
        return new CalibrationStatistics(byOutput.ToDictionary(
            pair => pair.Key, pair => maps.TryGetValue(pair.Key, out var map) ? Move(pair.Value, map) : pair.Value, StringComparer.Ordinal));
    }

    /// <summary>Writes everything, shared statistics once.</summary>
    /// <param name="stream">Seekable.</param>
    public void Save(Stream stream)
    {
        using var writer = new CalibrationStatisticsWriter(stream);
        foreach (var sharing in byOutput.GroupBy(pair => pair.Value))
        {
            var statistics = sharing.Key.Get();
            writer.Add(sharing.Select(pair => (pair.Key, statistics)));
        }
        writer.Finish();
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The stream holds something else, or less.</exception>
    public static CalibrationStatistics Load(Stream stream) => Read(stream, reader => new Source(Entry(reader)));

    /// <summary>The same, but each site's statistics are read when they are asked for, and forgotten when nobody holds them.</summary>
    /// <param name="path">The file; must stay as it is.</param>
    /// <exception cref="InvalidDataException">The file holds something else, or less.</exception>
    public static CalibrationStatistics Open(string path)
    {
        using var stream = File.OpenRead(path);
        return Read(stream, reader =>
        {
            var start = reader.BaseStream.Position;
            reader.ReadString();
            for (var left = 2L * reader.ReadInt32(); left > 0; left--)
                InputStatistics.Skip(reader);
            return new Source(path, start, reader.BaseStream.Position - start);
        });
    }

    private static CalibrationStatistics Read(Stream stream, Func<BinaryReader, Source> read)
    {
        using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        try
        {
            if (reader.ReadUInt32() != Magic)
                throw new InvalidDataException("Not a file of calibration statistics.");
            var distinct = new List<Source>();
            for (var left = reader.ReadInt32(); left > 0; left--)
                distinct.Add(read(reader));
            var byOutput = new Dictionary<string, Source>(StringComparer.Ordinal);
            for (var left = reader.ReadInt32(); left > 0; left--)
                byOutput[reader.ReadString()] = distinct[reader.ReadInt32()];
            return new CalibrationStatistics(byOutput);
        }
        catch (Exception reason) when (reason is EndOfStreamException or ArgumentOutOfRangeException or FormatException)
        {
            throw new InvalidDataException("The calibration statistics are damaged.", reason);
        }
    }

    private static SiteStatistics Entry(BinaryReader reader)
    {
        var reason = reader.ReadString();
        var groups = reader.ReadInt32();
        var halves = new List<InputStatistics>();
        for (var index = 0L; index < 2L * groups; index++)
            halves.Add(InputStatistics.Load(reader));
        return new SiteStatistics([.. halves.Take(groups)], [.. halves.Skip(groups)], reason.Length == 0 ? null : reason);
    }

    /// <summary>Statistics in memory, or in a file or those of another source until somebody asks.</summary>
    private sealed class Source
    {
        private readonly SiteStatistics? statistics;
        private readonly WeakReference<SiteStatistics> lately = new(null!);
        private readonly Func<SiteStatistics>? make;

        public Source(SiteStatistics statistics) => this.statistics = statistics;

        public Source(Func<SiteStatistics> make) => this.make = make;

        public Source(string path, long position, long length)
            : this(() => Read(path, position, length))
        {
        }

        public SiteStatistics Get()
        {
            if (statistics is not null)
                return statistics;
            // Sites that share them ask one after the other.
            if (lately.TryGetTarget(out var found))
                return found;
            found = make!();
            lately.SetTarget(found);
            return found;
        }

        private static SiteStatistics Read(string path, long position, long length)
        {
            // What the layers before left is garbage by now, hundreds of megabytes each; unasked, the collector would rather take more memory.
            if (length > LargeEntry)
                GC.Collect();
            using var stream = File.OpenRead(path);
            stream.Position = position;
            using var reader = new BinaryReader(stream);
            return Entry(reader);
        }
    }
}
