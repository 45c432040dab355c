using System.Runtime.InteropServices;
using PruneBuild.Diagnostics;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;

namespace PruneBuild.Compression.Quantization;

/// <summary>
/// Replaces the Gather of a float table by <c>com.microsoft.GatherBlockQuantized</c>, whose rows are 4 or 8 bits in groups, rounded to the
/// nearest level; a band of rows at a time. A table that a layer reads as its weight too gets a copy of its own where that layer will be
/// quantized; see <see cref="TiedTables"/>.
/// </summary>
public static class EmbeddingQuantizer
{
    private const string Domain = "com.microsoft";
    private const int BandElements = 1 << 22;

    /// <summary>Quantizes what can be.</summary>
    /// <param name="model">Edited. Layers are quantized after it, never before: they may share a table.</param>
    /// <param name="format">Bits and groups of the rows.</param>
    /// <param name="staysFloat">Whether a layer's weight will not be quantized.</param>
    /// <param name="threads">Most threads to use; the result is the same for any.</param>
    /// <param name="cancellation">Observed between bands of rows; the model is half edited then.</param>
    /// <returns>One report a table, in the order of their lookups.</returns>
    /// <exception cref="PruneBuildException">PB1012: a format no operator reads. PB2010: a row is not finite.</exception>
    public static IReadOnlyList<EmbeddingReport> Quantize(
        OnnxModel model, GroupFormat format, Predicate<WeightSite> staysFloat, int threads = 1, CancellationToken cancellation = default)
    {
        _ = format.Checked();
        var sites = WeightSites.Find(model);
        var reports = new List<EmbeddingReport>();
        foreach (var table in EmbeddingTable.Find(model))
        {
            var shape = model.Weights[table.Name].Shape;
            var refusal = Refusal(model, table, format, sites, staysFloat);
            var signalToNoise = refusal is null ? Replace(model, table, format, threads, cancellation) : null;
            reports.Add(new EmbeddingReport(table.Name, shape[0], shape[1], refusal is null ? format.Bits : 32, signalToNoise, refusal));
        }
        if (reports.Exists(report => report.Reason is null) && model.Proto.OpsetImport.All(import => import.Domain != Domain))
            model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = 1 });
        return reports;
    }

    private static string? Refusal(OnnxModel model, EmbeddingTable table, GroupFormat format, IReadOnlyList<WeightSite> sites, Predicate<WeightSite> staysFloat)
    {
        var features = model.Weights[table.Name].Shape[1];
        if (format.Bits == 4 && features % 2 != 0)
            return $"a row of {features} features does not fill its bytes with 4 bits";
        if (model.Weights[table.Name].Elements * format.Bits / 8 > Array.MaxLength || features > BandElements)
            return "the table is too large";
        if (model.Graph.Input.Any(input => input.Name == table.Name) || model.Graph.Output.Any(output => output.Name == table.Name))
            return "the table is an input or output of the model";
        foreach (var other in table.Others)
        {
            var layer = sites.FirstOrDefault(site => ReferenceEquals(site.Node, other) && site.StoredName == table.Name);
            if (layer is null)
                return $"the table is also used by {other.OpType} '{NameOf(other)}'";
            if (staysFloat(layer))
                return $"the table is also the weight of '{layer.Name}', which stays float";
        }
        return null;
    }

    private static double? Replace(OnnxModel model, EmbeddingTable table, GroupFormat format, int threads, CancellationToken cancellation)
    {
        var (inputs, signalToNoise) = Store(model, table.Name, format, threads, cancellation);
        foreach (var lookup in table.Lookups)
        {
            var node = new NodeProto { Name = lookup.Name, OpType = "GatherBlockQuantized", Domain = Domain };
            node.Input.Add([inputs[0], lookup.Input[1], .. inputs.Skip(1)]);
            node.Output.Add(lookup.Output[0]);
            node.Set("bits", format.Bits);
            node.Set("block_size", format.GroupSize);
            node.Set("gather_axis", 0);
            node.Set("quantize_axis", 1);
            model.Graph.Node[model.Graph.Node.IndexOf(lookup)] = node;
        }
        if (table.Others.Count == 0)
            model.RemoveWeight(table.Name);
        return signalToNoise;
    }

    private static (string[] Inputs, double? SignalToNoise) Store(OnnxModel model, string name, GroupFormat format, int threads, CancellationToken cancellation)
    {
        var weight = model.Weights[name];
        if (weight.FirstNonFinite() is >= 0 and var bad)
            throw new PruneBuildException("PB2010", name, bad);
        var (rows, features) = (weight.Shape[0], (int)weight.Shape[1]);
        var (width, groups) = (features * format.Bits / 8, format.Groups(features));
        var zeroWidth = ((groups * format.Bits) + 7) / 8;
        var (levels, scales, zeros) = (new byte[rows * width], new float[rows * groups], new byte[format.IsSymmetric ? 0 : rows * zeroWidth]);
        var noise = new QuantizationNoise.Sums();
        using (var view = weight.Open())
        {
            var band = Math.Max(1, BandElements / features);
            for (var first = 0L; first < rows; first += band)
            {
                cancellation.ThrowIfCancellationRequested();
                var count = (int)Math.Min(band, rows - first);
                var values = MemoryMarshal.Cast<byte, float>(view.Slice(first * features * sizeof(float), count * features * sizeof(float))).ToArray();
                var matrix = new RoundToNearest().Quantize(new GroupProblem(values, count, features, format) { Threads = threads, Cancellation = cancellation });
                noise.Add(values, matrix.Dequantize());
                GroupPacking.Rows(matrix).CopyTo(levels.AsSpan((int)(first * width)));
                matrix.Scales.CopyTo(scales.AsSpan((int)(first * groups)));
                if (!format.IsSymmetric)
                    GroupPacking.PackedZeroPoints(matrix).CopyTo(zeros.AsSpan((int)(first * zeroWidth)));
            }
        }
        string[] inputs = [ValueNames.Fresh(model, $"{name}_rows_Q{format.Bits}"), ValueNames.Fresh(model, name + "_row_scales")];
        model.SetWeight(inputs[0], TensorProto.Types.DataType.Uint8, [rows, width], levels);
        model.SetWeight(inputs[1], [rows, groups], scales);
        if (format.IsSymmetric)
            return (inputs, noise.Decibels);
        inputs = [.. inputs, ValueNames.Fresh(model, name + "_row_zero_points")];
        model.SetWeight(inputs[2], TensorProto.Types.DataType.Uint8, [rows, zeroWidth], zeros);
        return (inputs, noise.Decibels);
    }

    private static string NameOf(NodeProto node) => node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault() ?? "";
}

/// <summary>What happened to an embedding.</summary>
/// <param name="Name">The table.</param>
/// <param name="Rows">Rows of it.</param>
/// <param name="Features">Numbers of a row.</param>
/// <param name="Bits">4 or 8; 32 when the table was left alone.</param>
/// <param name="SignalToNoise">Σw² / Σ(w − ŵ)² in decibels; null when nothing was lost or quantized.</param>
/// <param name="Reason">Why it was left alone, or null.</param>
public sealed record EmbeddingReport(string Name, long Rows, long Features, int Bits, double? SignalToNoise, string? Reason);
