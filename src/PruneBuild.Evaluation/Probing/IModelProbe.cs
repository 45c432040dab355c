using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Probing;

/// <summary>One model that runs under a resource profile and tells how long things take.</summary>
public interface IModelProbe : IDisposable
{
    /// <summary>Every limit of the profile, and whether it holds.</summary>
    IReadOnlyList<EmulatedLimit> Limits { get; }

    /// <summary>Opens the model anew.</summary>
    /// <returns>Seconds.</returns>
    /// <exception cref="PruneBuildException">PB5040 when the profile's memory is too little for the model, else why it does not run.</exception>
    double Load();

    /// <summary>Answers the case of a block: all that it asks.</summary>
    /// <returns>Seconds.</returns>
    /// <exception cref="PruneBuildException">As <see cref="Load"/>.</exception>
    double Run(int block);

    /// <summary>Largest resident memory of the process so far; null where the system does not say it.</summary>
    long? PeakResidentBytes();
}

/// <summary>Starts a probe.</summary>
/// <param name="profile">The profile it runs under.</param>
/// <param name="job">What it runs.</param>
/// <param name="cancellation">Ends it.</param>
public delegate IModelProbe StartProbe(ResourceProfile profile, ProbeJob job, CancellationToken cancellation);
