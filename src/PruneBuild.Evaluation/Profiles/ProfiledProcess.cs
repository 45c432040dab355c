using System.Diagnostics;
using System.Globalization;
using PruneBuild.Diagnostics;

namespace PruneBuild.Evaluation.Profiles;

/// <summary>
/// A program that runs under a resource profile. On Linux quota and memory come from a control group where one can be made; otherwise memory
/// may be limited as address space (<c>RLIMIT_AS</c>) and the quota is not. Cores are those of the thread that starts the process, which are
/// inherited, so nothing of the program ever runs outside. What cannot be had is told as not emulated, with the reason.
/// </summary>
public sealed class ProfiledProcess : IDisposable
{
    // The worker's exit code when it runs out of memory, and what a shell reports of SIGKILL and SIGABRT.
    private static readonly int[] OutOfMemoryExits = [4, 137, 134];
    private static readonly string[] OutOfMemoryWords = ["out of memory", "outofmemory", "memory exhausted", "cannot allocate memory", "bad_alloc"];
    private static readonly TimeSpan Sampling = TimeSpan.FromMilliseconds(20);

    private readonly List<EmulatedLimit> _limits = [];
    private readonly ResourceProfile _profile;
    private readonly ControlGroup? _group;

    private ProfiledProcess(ResourceProfile profile, ProcessStartInfo start, ProfiledOptions options)
    {
        _profile = profile;
        _group = Group(options);
        try
        {
            Process = Start(Limited(start, options.LimitsAddressSpace));
        }
        catch
        {
            _group?.Dispose();
            throw;
        }
    }

    /// <summary>The process.</summary>
    public Process Process { get; }

    /// <summary>Every limit of the profile, and whether it holds.</summary>
    public IReadOnlyList<EmulatedLimit> Limits => _limits;

    /// <summary>Starts a program.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="start">Program, arguments and redirections.</param>
    /// <param name="options">How; the defaults without it.</param>
    public static ProfiledProcess Start(ResourceProfile profile, ProcessStartInfo start, ProfiledOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(start);
        return new ProfiledProcess(profile, start, options ?? new ProfiledOptions());
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="program">Path or name of the program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="options">How; the defaults without it.</param>
    /// <param name="cancellation">Kills it and its children.</param>
    /// <exception cref="PruneBuildException">PB5040 when it failed for want of the profile's memory.</exception>
    /// <exception cref="OperationCanceledException">It was killed.</exception>
    public static ProfiledRun Run(
        ResourceProfile profile, string program, IReadOnlyList<string> arguments, ProfiledOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        using var running = Start(profile, new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }, options);
        var process = running.Process;
        using var killed = cancellation.Register(running.Kill);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        long? peak = null;
        do peak = Larger(peak, PeakResident.Of(process.Id));
        while (!process.WaitForExit(Sampling));
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        var run = new ProfiledRun(profile.Name, process.ExitCode, output.Result, error.Result, running.GroupPeakBytes ?? peak, running.Limits);
        return running.RanOutOfMemory(run.Error) ? throw new PruneBuildException("PB5040", Path.GetFileName(program), profile.MemoryBytes, profile.Name) : run;
    }

    /// <summary>The largest memory of the control group; null without one that tells it.</summary>
    public long? GroupPeakBytes => _group is { PeakBytes: > 0 and var peak } ? peak : null;

    /// <summary>Whether the process, which has ended, failed for want of the profile's memory.</summary>
    /// <param name="error">What it wrote to its standard error.</param>
    public bool RanOutOfMemory(string error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (_profile.MemoryBytes is null || Process.ExitCode == 0) return false;
        if (_group is not null && File.Exists(Path.Combine(_group.Folder, "memory.events"))) return _group.Killed > 0;
        return OutOfMemoryExits.Contains(Process.ExitCode) || OutOfMemoryWords.Any(words => error.Contains(words, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Ends it and its children.</summary>
    public void Kill()
    {
        try
        {
            Process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended meanwhile.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Process.Dispose();
        _group?.Dispose();
    }

    private ControlGroup? Group(ProfiledOptions options)
    {
        if (_profile.CpuQuota is null && _profile.MemoryBytes is null) return null;
        var (group, reason) = OperatingSystem.IsLinux() ? ControlGroup.TryCreate(_profile, options.GroupRoot, options.OwnGroup) : (null, "only Linux can");
        if (_profile.CpuQuota is not null) _limits.Add(new EmulatedLimit("cpuQuota", group is not null, reason));
        if (_profile.MemoryBytes is not null)
        {
            var isAddressSpace = group is null && options.LimitsAddressSpace && OperatingSystem.IsLinux();
            _limits.Add(new EmulatedLimit("memoryBytes", group is not null || isAddressSpace, isAddressSpace ? $"RLIMIT_AS, address space instead of resident memory, since {reason}" : reason));
        }
        return group;
    }

    private ProcessStartInfo Limited(ProcessStartInfo start, bool limitsAddressSpace)
    {
        // The shell sets its own limits and becomes the program: no moment in which the program runs without them.
        var script = _group is not null ? $"echo $$ > '{_group.Members}' && exec \"$0\" \"$@\""
            : _profile.MemoryBytes is { } bytes && limitsAddressSpace && OperatingSystem.IsLinux() ? string.Create(CultureInfo.InvariantCulture, $"ulimit -v {bytes / 1024} && exec \"$0\" \"$@\"")
            : null;
        if (script is not null)
        {
            string[] command = ["-c", script, start.FileName, .. start.ArgumentList];
            start.FileName = "/bin/sh";
            start.ArgumentList.Clear();
            foreach (var argument in command) start.ArgumentList.Add(argument);
        }
        if (_profile.Threads is { } threads)
        {
            var count = threads.ToString(CultureInfo.InvariantCulture);
            start.Environment["DOTNET_PROCESSOR_COUNT"] = count;
            start.Environment["OMP_NUM_THREADS"] = count;
            _limits.Add(new EmulatedLimit("threads", true, "DOTNET_PROCESSOR_COUNT and OMP_NUM_THREADS; ONNX Runtime gets them as session options"));
        }
        return start;
    }

    private Process Start(ProcessStartInfo start)
    {
        if (_profile.Cores is not { } cores) return Process.Start(start)!;
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
        _limits.Add(new EmulatedLimit("cores", refusal is null, refusal ?? "sched_setaffinity"));
        return process ?? throw failure!;
    }

    private static long? Larger(long? first, long? second) => first is null || second > first ? second ?? first : first;
}
