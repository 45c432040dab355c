// Compares every kernel this CPU supports with the scalar definition, and prints a checksum of the results of each format.
// The checksums are equal on every CPU and at every tier. Exit code 1 means a kernel is wrong.
using PruneBuild.Runtime;
using PruneBuild.Tests.Kernels;

Console.WriteLine($"tiers {string.Join(' ', KernelRegistry.Tiers.Select(KernelRegistry.DisplayName))}");
foreach (var format in PackedFormat.All)
{
    if (KernelOracle.FirstMismatch([.. KernelRegistry.Kernels.Where(kernel => kernel.Format == format.Name && KernelOracle.Supports(kernel.Tier))]) is { } mismatch)
    {
        Console.Error.WriteLine(mismatch);
        return 1;
    }

    Console.WriteLine($"{format.Name} {KernelOracle.Checksum(format.Name, KernelRegistry.SelectTier()):x16}");
}

return 0;
