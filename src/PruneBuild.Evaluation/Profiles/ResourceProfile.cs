using System.Globalization;

namespace PruneBuild.Evaluation.Profiles;

/// <summary>What a device gives a model in a situation, such as a low battery. What is null is not limited.</summary>
/// <param name="Name">Name in files and reports; empty for the one of a harness that names none.</param>
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

    /// <summary>Where it is named in a harness.</summary>
    public SourceLocation Location { get; init; }

    /// <summary>No limit and no name: what a harness without profiles is measured under.</summary>
    public static ResourceProfile Unlimited { get; } = new("");

    /// <summary>The limits as one text; two profiles with the same text are measured alike.</summary>
    public string Limits => string.Create(
        CultureInfo.InvariantCulture, $"threads={Threads} cpuQuota={CpuQuota} memoryBytes={MemoryBytes} cores={string.Join(',', Cores ?? [])}");

    /// <summary>Threads for a session's options on a machine with so many cores.</summary>
    public int ThreadsOn(int cores) => Math.Max(1, Math.Min(Threads ?? cores, Math.Min(cores, Cores?.Count ?? cores)));
}
