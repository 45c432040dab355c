using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using PruneBuild.Diagnostics;

namespace PruneBuild.Targeting;

/// <summary>Reads and writes a device as JSON.</summary>
public static class DeviceFile
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <summary>Reads a device file of the user. Rates may derive from devices of the catalogue.</summary>
    /// <exception cref="PruneBuildException">PB1022: missing, malformed (with line and column), or figures that cannot be.</exception>
    public static Device Load(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PruneBuildException("PB1022", exception.Message).At(path);
        }

        try
        {
            var device = Parse(text).WithDerivedRates(DeviceCatalogue.All);
            return Complaint(device) is { } complaint ? throw new PruneBuildException("PB1022", complaint).At(path) : device;
        }
        catch (JsonException exception)
        {
            // Positions count from 0 there and from 1 in diagnostics.
            throw new PruneBuildException("PB1022", exception.Message.Split(" Path:")[0].Split('\n')[0])
                .At(path, (int)(exception.LineNumber ?? 0) + 1, (int)(exception.BytePositionInLine ?? 0) + 1);
        }
    }

    /// <summary>The device as a file holds it.</summary>
    public static string Write(Device device) => JsonSerializer.Serialize(device, Format) + "\n";

    /// <exception cref="JsonException">The text is not JSON, or not a device.</exception>
    internal static Device Parse(string text) => JsonSerializer.Deserialize<Device>(text, Format) ?? throw new JsonException("A device is expected.", "$", 0, 0);

    /// <summary>Replaces derived rates by the rates they stand for.</summary>
    /// <exception cref="JsonException">A device or its rates do not exist.</exception>
    internal static Device WithDerivedRates(this Device device, IReadOnlyList<Device> known)
    {
        var rates = new Dictionary<string, SparseRates>(device.SparseWeightsPerSecond);
        foreach (var derived in device.DerivedSparseRates)
        {
            var other = known.FirstOrDefault(other => other.Id == derived.Like)
                ?? throw new JsonException($"Rates are like those of '{derived.Like}', which is not a device.");
            foreach (var format in derived.Formats)
            {
                if (!other.SparseWeightsPerSecond.TryGetValue(format, out var theirs))
                    throw new JsonException($"'{derived.Like}' has no rates for {format}.");
                if (!rates.TryAdd(format, theirs.Scaled(derived.Times, derived.TimesRows ?? derived.Times, derived.Source)))
                    throw new JsonException($"{format} has rates twice.");
            }
        }

        return device with { SparseWeightsPerSecond = rates, DerivedSparseRates = [] };
    }

    /// <summary>What cannot be true about a device, or null.</summary>
    internal static string? Complaint(Device device)
    {
        var positive = new[]
        {
            device.Cores, device.LastLevelCacheBytes, device.BandwidthBytesPerSecond.OneCore, device.BandwidthBytesPerSecond.AllCores,
            device.NodeOverheadSeconds.BuiltIn, device.NodeOverheadSeconds.SparseMatMul,
            device.QuantizeSecondsPerElement, device.TransposeSecondsPerElement,
        }.Concat(device.DenseWeightsPerSecond.Values.SelectMany(rate => new[] { rate.One, rate.Few, rate.Many }));
        if (positive.FirstOrDefault(figure => !(figure.Value > 0)) is { } figure)
            return $"The figure {figure.Value} ({figure.Source}) is not above 0.";
        foreach (var precision in new[] { "fp32", "int8", "int4" })
        {
            if (!device.DenseWeightsPerSecond.ContainsKey(precision))
                return $"denseWeightsPerSecond has no {precision}.";
        }

        foreach (var (format, rates) in device.SparseWeightsPerSecond)
        {
            foreach (var curve in new[] { rates.One, rates.Few, rates.Many })
            {
                if (curve.Points.Count == 0 || curve.Points.Any(point => point.Sparsity is not (>= 0 and < 1) || !(point.WeightsPerSecond > 0)))
                    return $"The rates of {format} need points with a sparsity of 0 to below 1 and a rate above 0.";
                if (curve.Points.Zip(curve.Points.Skip(1)).Any(pair =>
                    pair.First.Sparsity >= pair.Second.Sparsity || pair.First.WeightsPerSecond > pair.Second.WeightsPerSecond))
                    return $"The rates of {format} must rise with the sparsity.";
            }
        }

        return null;
    }
}
