using System.Globalization;
using PruneBuild.Diagnostics;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph;

/// <summary>Where an external tensor lies: ONNX external data specification (location, offset, length).</summary>
/// <param name="TensorName">Whose payload.</param>
/// <param name="Path">The file as the model names it.</param>
/// <param name="RealPath">The file with links resolved: one file, one path.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes.</param>
internal sealed record ExternalRange(string TensorName, string Path, string RealPath, long Offset, long Length)
{
    /// <summary>Resolves and checks one external tensor: it must lie inside the model's folder and inside its file.</summary>
    public static ExternalRange Resolve(TensorProto tensor, string modelPath, long bytes)
    {
        string? location = null;
        long offset = 0;
        long? length = null;
        foreach (var entry in tensor.ExternalData)
        {
            switch (entry.Key)
            {
                case "location": location = entry.Value; break;
                case "offset": offset = Number(entry.Value, tensor, modelPath); break;
                case "length": length = Number(entry.Value, tensor, modelPath); break;
            }
        }
        if (string.IsNullOrEmpty(location))
            throw new PruneBuildException("PB2011", tensor.Name, "its external data names no location").At(modelPath);
        var (path, real) = Inside(location, tensor.Name, modelPath);
        if (!File.Exists(path))
            throw new PruneBuildException("PB2005", path, tensor.Name).At(modelPath);
        if (length is { } declared && declared != bytes)
            throw new PruneBuildException("PB2009", tensor.Name, bytes, declared).At(modelPath);
        var available = new FileInfo(real).Length;
        if (offset > available - bytes)
            throw new PruneBuildException("PB2006", tensor.Name, offset, (decimal)offset + bytes, path, available).At(modelPath);
        return new ExternalRange(tensor.Name, path, real, offset, bytes);
    }

    /// <summary>Two tensors may share one range (tied weights), but not overlap in part.</summary>
    public static void CheckOverlaps(IEnumerable<ExternalRange> ranges, string modelPath)
    {
        foreach (var file in ranges.Where(range => range.Length > 0).GroupBy(range => range.RealPath, StringComparer.Ordinal))
        {
            ExternalRange? previous = null;
            foreach (var range in file.OrderBy(range => range.Offset).ThenBy(range => range.Length))
            {
                if (previous is not null
                    && range.Offset < previous.Offset + previous.Length
                    && (range.Offset, range.Length) != (previous.Offset, previous.Length))
                    throw new PruneBuildException("PB2007", range.TensorName, previous.TensorName, file.Key).At(modelPath);
                previous = range;
            }
        }
    }

    private static long Number(string text, TensorProto tensor, string modelPath) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new PruneBuildException("PB2011", tensor.Name, $"external data offset or length '{text}' is not a number").At(modelPath);

    private static (string Path, string Real) Inside(string location, string tensorName, string modelPath)
    {
        if (location.Contains('\0', StringComparison.Ordinal))
            throw new PruneBuildException("PB2011", tensorName, "its external data location is not a path").At(modelPath);
        return ContainedPath.Resolve(System.IO.Path.GetDirectoryName(modelPath)!, location) ?? throw new PruneBuildException("PB2008", location, tensorName).At(modelPath);
    }
}
