using PruneBuild.Diagnostics;

namespace PruneBuild.Tasks.Worker;

/// <summary>How a worker process ended.</summary>
/// <param name="ExitCode">Its exit code; 128 + n for signal n on Unix.</param>
/// <param name="Canceled">The build was canceled.</param>
/// <param name="TimedOut">It was ended because its time was up.</param>
/// <param name="TimeoutSeconds">The time it had.</param>
/// <param name="KilledForMemory">The kernel ended a process for lack of memory meanwhile.</param>
/// <param name="Succeeded">What its result said; null when it sent none.</param>
/// <param name="ErrorsReported">It reported errors of its own.</param>
/// <param name="LastWords">The end of its log.</param>
internal sealed record WorkerEnd(
    int ExitCode,
    bool Canceled,
    bool TimedOut,
    int TimeoutSeconds,
    bool KilledForMemory,
    bool? Succeeded,
    bool ErrorsReported,
    string LastWords)
{
    private const int OutOfMemoryExitCode = 4;
    private const int Interrupted = 130;
    private const int InterruptedOnWindows = unchecked((int)0xC000013A);
    private const int Aborted = 134;
    private const int Killed = 137;

    /// <summary>The one error that explains the end, or null when the worker succeeded or has explained itself.</summary>
    public Diagnostic? Explain()
    {
        // Ctrl-C reaches the worker as well as MSBuild, and may end it before MSBuild says that the build is canceled.
        if (Canceled || ExitCode is Interrupted or InterruptedOnWindows)
            return Error("PB9003");
        if (TimedOut)
            return Error("PB9002", TimeoutSeconds, LastWords);
        if (ErrorsReported)
            return null;
        if (RanOutOfMemory)
            return Error("PB9004", LastWords);
        if (ExitCode != 0)
            return Error("PB9001", Describe(ExitCode), LastWords);
        return Succeeded switch
        {
            true => null,
            false => Error("PB9005", $"it failed without an error. Last words: {LastWords}"),
            null => Error("PB9005", $"it ended without a result. Last words: {LastWords}"),
        };
    }

    private bool RanOutOfMemory =>
        ExitCode == OutOfMemoryExitCode
        || (ExitCode == Killed && KilledForMemory)
        || (ExitCode == Aborted && LastWords.Contains("Out of memory", StringComparison.Ordinal));

    private static Diagnostic Error(string code, params object?[] arguments) => Diagnostic.Create(code, Severity.Error, arguments);

    private static string Describe(int exitCode) => exitCode switch
    {
        Aborted => "134 (SIGABRT)",
        135 => "135 (SIGBUS)",
        136 => "136 (SIGFPE)",
        Killed => "137 (SIGKILL)",
        139 => "139 (SIGSEGV)",
        143 => "143 (SIGTERM)",
        unchecked((int)0xC0000005) => "0xC0000005 (access violation)",
        _ => $"{exitCode}",
    };
}
