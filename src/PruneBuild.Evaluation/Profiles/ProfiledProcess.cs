using System.Diagnostics;
using System.Globalization;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Profiles;

/// <summary>
/// Runs a program under a resource profile. On Linux quota and memory come from a control group where one can be made; otherwise memory
/// is limited as address space (<c>RLIMIT_AS</c>) and the quota is not. Cores are those of the thread that starts the process, which are
/// inherited, so nothing of the program ever runs outside. What cannot be had is in the result as not emulated, with the reason.
/// </summary>
public static class ProfiledProcess
{
    // The worker's exit code when it runs out of memory, and what a shell reports of SIGKILL and SIGABRT.
    private static readonly int[] OutOfMemoryExits = [4, 137, 134];
    private static readonly string[] OutOfMemoryWords = ["out of memory", "outofmemory", "memory exhausted", "cannot allocate memory", "bad_alloc"];
    private static readonly TimeSpan Sampling = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs the program to its end.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="program">Path or name of the program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellation">Kills it and its children.</param>
    /// <exception cref="PruneBuildException">PB5040 when it failed for want of the profile's memory.</exception>
    /// <exception cref="OperationCanceledException">It was killed.</exception>
    public static ProfiledRun Run(ResourceProfile profile, string program, IReadOnlyList<string> arguments, CancellationToken cancellation = default) =>
        Run(profile, program, arguments, ControlGroup.DefaultRoot, own: null, cancellation);

    internal static ProfiledRun Run(
        ResourceProfile profile, string program, IReadOnlyList<string> arguments, string groupRoot, string? own, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(arguments);
        var limits = new List<EmulatedLimit>();
        using var group = Group(profile, limits, groupRoot, own);
        var start = StartInfo(profile, program, arguments, group, limits);
        using var process = Start(profile, start, limits);
        using var killed = cancellation.Register(() => Kill(process));
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        long? peak = null;
        do peak = Larger(peak, PeakResident.Of(process.Id));
        while (!process.WaitForExit(Sampling));
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        if (group is { PeakBytes: > 0 }) peak = group.PeakBytes;
        var run = new ProfiledRun(profile.Name, process.ExitCode, output.Result, error.Result, peak, limits);
        return RanOutOfMemory(profile, run, group) ? throw new PruneBuildException("PB5040", Path.GetFileName(program), profile.MemoryBytes, profile.Name) : run;
    }

    private static ControlGroup? Group(ResourceProfile profile, List<EmulatedLimit> limits, string root, string? own)
    {
        if (profile.CpuQuota is null && profile.MemoryBytes is null) return null;
        var (group, reason) = OperatingSystem.IsLinux() ? ControlGroup.TryCreate(profile, root, own) : (null, "only Linux can");
        if (profile.CpuQuota is not null) limits.Add(new EmulatedLimit("cpuQuota", group is not null, reason));
        if (profile.MemoryBytes is not null)
        {
            var isAddressSpace = group is null && OperatingSystem.IsLinux();
            limits.Add(new EmulatedLimit("memoryBytes", group is not null || isAddressSpace, isAddressSpace ? $"RLIMIT_AS, address space instead of resident memory, since {reason}" : reason));
        }
        return group;
    }

    private static ProcessStartInfo StartInfo(ResourceProfile profile, string program, IReadOnlyList<string> arguments, ControlGroup? group, List<EmulatedLimit> limits)
    {
        // The shell sets its own limits and becomes the program: no moment in which the program runs without them.
        var script = group is not null ? $"echo $$ > '{group.Members}' && exec \"$0\" \"$@\""
            : profile.MemoryBytes is { } bytes && OperatingSystem.IsLinux() ? string.Create(CultureInfo.InvariantCulture, $"ulimit -v {bytes / 1024} && exec \"$0\" \"$@\"")
            : null;
        var start = script is null ? new ProcessStartInfo(program, arguments) : new ProcessStartInfo("/bin/sh", ["-c", script, program, .. arguments]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        if (profile.Threads is { } threads)
        {
            var count = threads.ToString(CultureInfo.InvariantCulture);
            start.Environment["DOTNET_PROCESSOR_COUNT"] = count;
            start.Environment["OMP_NUM_THREADS"] = count;
            limits.Add(new EmulatedLimit("threads", true, "DOTNET_PROCESSOR_COUNT and OMP_NUM_THREADS; ONNX Runtime gets them as session options"));
        }
        return start;
    }

    private static Process Start(ResourceProfile profile, ProcessStartInfo start, List<EmulatedLimit> limits)
    {
        if (profile.Cores is not { } cores) return Process.Start(start)!;
        Process? process = null;
        Exception? failure = null;
        string? refusal = null;
        var thread = new Thread(() =>
        {
            try
            {
                refusal = OperatingSystem.IsLinux() ? CoreAffinity.TrySet(cores) : "only Linux can";
                process = Process.Start(start);
            }
            catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or InvalidOperationException)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        limits.Add(new EmulatedLimit("cores", refusal is null, refusal ?? "sched_setaffinity"));
        return process ?? throw failure!;
    }

    private static bool RanOutOfMemory(ResourceProfile profile, ProfiledRun run, ControlGroup? group)
    {
        if (profile.MemoryBytes is null || run.ExitCode == 0) return false;
        if (group is not null && File.Exists(Path.Combine(group.Folder, "memory.events"))) return group.Killed > 0;
        return OutOfMemoryExits.Contains(run.ExitCode) || OutOfMemoryWords.Any(words => run.Error.Contains(words, StringComparison.OrdinalIgnoreCase));
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended meanwhile.
        }
    }

    private static long? Larger(long? first, long? second) => first is null || second > first ? second ?? first : first;
}
