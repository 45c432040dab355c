using System.Collections.Concurrent;
using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>
/// Numbers beside tensors. TorchSharp hands libtorch the address of a Scalar and then holds it no longer, so one that was made on
/// the way may be freed by the garbage collector while libtorch reads it. These live as long as the process; numbers that change
/// all the time are disposed of by who made them.
/// </summary>
internal static class Scalars
{
    private static readonly ConcurrentDictionary<double, Scalar> Reals = new();
    private static readonly ConcurrentDictionary<long, Scalar> Integers = new();

    /// <summary>A number for float tensors.</summary>
    public static Scalar Of(double value) => Reals.GetOrAdd(value, static number => number);

    /// <summary>A number for integer tensors.</summary>
    public static Scalar OfInteger(long value) => Integers.GetOrAdd(value, static number => number);

    /// <summary>The sum of two tensors, with broadcasting: TorchSharp's + makes a Scalar on the way, the 1 that the second is multiplied by.</summary>
    public static torch.Tensor Plus(this torch.Tensor left, torch.Tensor right) => left.add(right, OfInteger(1));

    /// <summary>A number added to every element, for the same reason.</summary>
    public static torch.Tensor Plus(this torch.Tensor left, Scalar right) => left.add(right, OfInteger(1));
}
