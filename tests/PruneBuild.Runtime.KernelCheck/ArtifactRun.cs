using System.Runtime.InteropServices;
using PruneBuild.Runtime;

namespace PruneBuild.Tests.Edge;

/// <summary>What the smallest app does with an artifact: load, run, print.</summary>
internal static class ArtifactRun
{
    /// <summary>Prints the kernel tier and the bits of every output, or the code of the failure.</summary>
    /// <param name="artifact">As for <see cref="EdgeModel.Load"/>.</param>
    /// <param name="inputFile">The input's values, float32, little-endian.</param>
    /// <param name="shape">The input's shape.</param>
    /// <returns>0, or 1 when the artifact was refused.</returns>
    public static int Print(string artifact, string inputFile, ReadOnlySpan<long> shape)
    {
        try
        {
            using var model = EdgeModel.Load(artifact);
            Console.WriteLine($"tier {model.KernelTier}");
            foreach (var value in model.Run(MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(inputFile)), shape))
                Console.WriteLine($"{BitConverter.SingleToUInt32Bits(value):x8}");
            return 0;
        }
        catch (EdgeModelException exception)
        {
            Console.WriteLine(exception.Code);
            return 1;
        }
    }
}
