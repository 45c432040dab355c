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

    /// <summary>Whether an answer is a text, whose first token and others have times of their own.</summary>
    bool Writes => false;

    /// <summary>Seconds from the start of the last <see cref="Run"/> to its first token; NaN unless it wrote.</summary>
    double FirstTokenSeconds() => double.NaN;

    /// <summary>Mean seconds of the tokens after the first in the last <see cref="Run"/>; NaN unless it wrote two.</summary>
    double TokenSeconds() => double.NaN;

    /// <summary>Largest resident memory of the process so far; null where the system does not say it.</summary>
    long? PeakResidentBytes();
}

/// <summary>Starts a probe.</summary>
/// <param name="profile">The profile it runs under.</param>
/// <param name="job">What it runs.</param>
/// <param name="cancellation">Ends it.</param>
public delegate IModelProbe StartProbe(ResourceProfile profile, ProbeJob job, CancellationToken cancellation);
