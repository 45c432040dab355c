using System.Runtime.CompilerServices;
using PruneBuild.Compression.Natives;
using TorchSharp;

namespace PruneBuild.Compression.Redistribution;

/// <summary>
/// Turns features to their principal components, the strongest first, so that a few inputs carry most of the energy and masks take the
/// others (the rotation of SliceGPT, with one map for all blocks).
/// </summary>
public sealed class PrincipalRotation : StreamRotation
{
    /// <inheritdoc/>
    public override string Name => "rotation";

    /// <inheritdoc/>
    public override bool NeedsStatistics => true;

    private protected override double[]? Map(double[]? moment, int size, int seed)
    {
        if (moment is null)
            return null;
        TorchNatives.Load();
        return Components(moment, size);
    }

    /// <summary>Eigenvectors as rows; of each the largest element is positive, so that the sign is no accident.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double[] Components(double[] moment, int size)
    {
        using var single = new SingleTorchThread();
        using var scope = torch.NewDisposeScope();
        var (_, vectors) = torch.linalg.eigh(torch.tensor(moment, [size, size]));
        var map = vectors.t().flip(0).contiguous().data<double>().ToArray();
        for (var row = 0; row < size; row++)
        {
            var component = map.AsSpan(row * size, size);
            if (component[System.Numerics.Tensors.TensorPrimitives.IndexOfMaxMagnitude<double>(component)] >= 0)
                continue;
            foreach (ref var element in component)
                element = -element;
        }
        return map;
    }
}
