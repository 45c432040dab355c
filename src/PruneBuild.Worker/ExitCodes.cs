namespace PruneBuild.Worker;

/// <summary>How the worker ends; the build task knows the same numbers.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failed = 1;

    /// <summary>A check for people found errors.</summary>
    public const int Findings = 2;
    public const int Orphaned = 3;
    public const int OutOfMemory = 4;
    public const int Canceled = 130;
}
