namespace PruneBuild.Evaluation.Profiles;

/// <summary>What a device gives a model in a situation, such as a low battery. What is null is not limited.</summary>
/// <param name="Name">Name in files and reports.</param>
public sealed record ResourceProfile(string Name)
{
    /// <summary>Threads inside an operator, at least 1.</summary>
    public int? Threads { get; init; }

    /// <summary>Processor time per time, in cores: 0.5 is half of one core.</summary>
    public double? CpuQuota { get; init; }

    /// <summary>Memory of the process in bytes.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Numbers of the cores that it may run on, from 0.</summary>
    public IReadOnlyList<int>? Cores { get; init; }

    /// <summary>One thread on half of one core.</summary>
    public static ResourceProfile LowBattery { get; } = new("low-battery") { Threads = 1, CpuQuota = 0.5 };

    /// <summary>Two threads, no other limit.</summary>
    public static ResourceProfile Normal { get; } = new("normal") { Threads = 2 };

    /// <summary>No limit.</summary>
    public static ResourceProfile HighBattery { get; } = new("high-battery");

    /// <summary>The profiles that are always there.</summary>
    public static IReadOnlyList<ResourceProfile> BuiltIn { get; } = [LowBattery, Normal, HighBattery];

    /// <summary>Threads for a session's options on a machine with so many cores.</summary>
    public int ThreadsOn(int cores) => Math.Max(1, Math.Min(Threads ?? cores, Math.Min(cores, Cores?.Count ?? cores)));
}
