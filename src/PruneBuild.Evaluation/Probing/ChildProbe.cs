using System.Diagnostics;
using System.Globalization;
using PruneBuild.Diagnostics;
using PruneBuild.Evaluation.Profiles;

namespace PruneBuild.Evaluation.Probing;

/// <summary>A probe in a process of its own, which the limits of the profile hold for and nothing else.</summary>
public sealed class ChildProbe : IModelProbe
{
    private const int LastWords = 300;

    private readonly ProfiledProcess _child;
    private readonly ResourceProfile _profile;
    private readonly string _model;
    private readonly Task<string> _error;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _killed;

    /// <summary>Starts the process.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="program">Path of a program that serves a job with <see cref="ProbeServer"/>.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="job">What it runs.</param>
    /// <param name="cancellation">Kills it.</param>
    public ChildProbe(ResourceProfile profile, string program, IReadOnlyList<string> arguments, ProbeJob job, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        (_profile, _model, _cancellation, Writes) = (profile, Path.GetFileName(job.Model), cancellation, job.Writing is not null);
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // Loops of kernels are compiled at once and in full, as they run later on; a few slow first rounds would be taken for the model's.
        start.Environment["DOTNET_TC_QuickJitForLoops"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        _child = ProfiledProcess.Start(profile, start, new ProfiledOptions { LimitsAddressSpace = false });
        _error = _child.Process.StandardError.ReadToEndAsync(CancellationToken.None);
        _killed = cancellation.Register(_child.Kill);
        TrySend(job.ToLine());
    }

    /// <inheritdoc/>
    public IReadOnlyList<EmulatedLimit> Limits => _child.Limits;

    /// <inheritdoc/>
    public double Load() => Ask(ProbeServer.LoadOrder);

    /// <inheritdoc/>
    public double Run(int block) => Ask(string.Create(CultureInfo.InvariantCulture, $"{ProbeServer.RunOrder} {block}"));

    /// <inheritdoc/>
    public bool Writes { get; }

    /// <inheritdoc/>
    public double FirstTokenSeconds() => Ask(ProbeServer.FirstTokenOrder);

    /// <inheritdoc/>
    public double TokenSeconds() => Ask(ProbeServer.TokenOrder);

    /// <inheritdoc/>
    public long? PeakResidentBytes() => Ask(ProbeServer.PeakOrder) is var bytes && double.IsNaN(bytes) ? null : (long)bytes;

    /// <inheritdoc/>
    public void Dispose()
    {
        _killed.Dispose();
        if (!_child.Process.HasExited) _child.Kill();
        _child.Process.WaitForExit();
        _child.Dispose();
    }

    private double Ask(string order)
    {
        if (!TrySend(order)) throw Ended();
        var answer = _child.Process.StandardOutput.ReadLine() ?? throw Ended();
        var words = answer.Split(' ', 3);
        if (words is [ProbeServer.Failed, var code, var message]) throw new PruneBuildException(new Diagnostic(code, Severity.Error, message));
        return words is [ProbeServer.Done, var number] && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new PruneBuildException("PB9005", answer);
    }

    private bool TrySend(string line)
    {
        try
        {
            _child.Process.StandardInput.WriteLine(line);
            _child.Process.StandardInput.Flush();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private Exception Ended()
    {
        _child.Process.WaitForExit();
        if (_cancellation.IsCancellationRequested) return new OperationCanceledException(_cancellation);
        var error = _error.Result.Trim();
        return _child.RanOutOfMemory(error)
            ? new PruneBuildException("PB5040", _model, _profile.MemoryBytes, _profile.Name)
            : new PruneBuildException("PB5051", _model, _profile.Name, _child.Process.ExitCode, error.Length > LastWords ? error[^LastWords..] : error);
    }
}
