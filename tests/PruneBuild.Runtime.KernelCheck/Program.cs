// Compares every kernel this CPU supports with the scalar definition, and prints a checksum of the results of each format.
// The checksums of integer formats are equal on every CPU and at every tier. Exit code 1 means a kernel is wrong.
// With an artifact, a file of float32 values and their shape as arguments, it runs that artifact instead.
using PruneBuild.Runtime;
using PruneBuild.Tests.Edge;
using PruneBuild.Tests.Kernels;
using PruneBuild.Tests.Ort;

if (args is [var artifact, var input, .. var shape])
    return ArtifactRun.Print(artifact, input, [.. shape.Select(long.Parse)]);

Console.WriteLine($"tiers {string.Join(' ', KernelRegistry.Tiers.Select(KernelRegistry.DisplayName))}");
foreach (var format in KernelOracle.Formats)
{
    var kernels = KernelRegistry.Kernels.Where(kernel => kernel.Format == format && KernelRegistry.CanExecute(kernel.Tier)).ToList();
    var mismatch = KernelOracle.FirstMismatch(KernelCase.Sample(format), kernels);
    if (ConvolutionOracle.CanConvolve(format))
        mismatch ??= KernelRegistry.Tiers.Select(tier => ConvolutionOracle.FirstMismatch(format, tier)).FirstOrDefault(text => text is not null);
    if (mismatch is not null)
    {
        Console.Error.WriteLine(mismatch);
        return 1;
    }

    Console.WriteLine(KernelOracle.IsExact(format) ? $"{format} {KernelOracle.Checksum(format, KernelRegistry.SelectTier()):x16}" : $"{format} within rounding");
}

foreach (var tier in KernelRegistry.Tiers)
{
    if (AttentionOracle.FirstMismatch(tier) is { } mismatch)
    {
        Console.Error.WriteLine(mismatch);
        return 1;
    }
}

Console.WriteLine("attention within rounding");
return 0;
