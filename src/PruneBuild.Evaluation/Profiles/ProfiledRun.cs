namespace PruneBuild.Evaluation.Profiles;

/// <summary>How a process under a profile ended.</summary>
/// <param name="Profile">Name of the profile.</param>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
/// <param name="PeakResidentBytes">Its largest resident memory as far as it was seen; null where the system does not say it.</param>
/// <param name="Limits">Every limit of the profile, and whether it held.</param>
public sealed record ProfiledRun(
    string Profile, int ExitCode, string Output, string Error, long? PeakResidentBytes, IReadOnlyList<EmulatedLimit> Limits);
