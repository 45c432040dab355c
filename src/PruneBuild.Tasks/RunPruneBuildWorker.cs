using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using PruneBuild.Diagnostics;
using PruneBuild.Tasks.ModelReferences;
using PruneBuild.Tasks.Worker;

namespace PruneBuild.Tasks;

/// <summary>
/// Runs one stage of one model in the worker process. Whatever happens to that process, the build gets one error that says so:
/// PB9001 crash, PB9002 timeout, PB9003 canceled, PB9004 out of memory, PB9005 protocol, PB9006 not started; none when the worker
/// has reported errors itself.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class RunPruneBuildWorker : ToolTask
{
    private readonly Lock processLock = new();
    private readonly LastWords lastWords = new();
    private DiagnosticLog? diagnostics;
    private Process? process;
    private int timeoutSeconds;
    private bool canceled;
    private bool timedOut;
    private bool? succeeded;
    private bool errorsReported;

    /// <summary><c>prune</c>, <c>quantize</c>, <c>select</c>, <c>evaluate</c> or <c>package</c>.</summary>
    [Required]
    public string Stage { get; set; } = "";

    /// <summary>The model: an item of <see cref="ResolveModelReferences.PendingModels"/>, with RequestFile, Name and Rid.</summary>
    [Required]
    public ITaskItem Model { get; set; } = null!;

    /// <summary>
    /// The worker's assembly, absolute, with DotNetHost (the <c>dotnet</c> executable), NativesFile (of
    /// <see cref="AcquireHostNatives"/>), ProjectFile, DocsFolder and TimeoutSeconds (0: as long as it needs). One item rather than six
    /// parameters, because the targets name it once for each stage.
    /// </summary>
    [Required]
    public ITaskItem Worker { get; set; } = null!;

    /// <summary>The model when its stage failed, for targets that go on with the next model before they stop; else empty.</summary>
    [Output]
    public ITaskItem[] FailedModels { get; private set; } = [];

    private string WorkerAssembly => Worker.ItemSpec;

    private string DotNetHost => Worker.GetMetadata("DotNetHost");

    private string ProjectFile => Worker.GetMetadata("ProjectFile");

    private string Subject => $"{Model.GetMetadata("Name")} [{Model.GetMetadata("Rid")}]";

    /// <inheritdoc/>
    protected override string ToolName => Path.GetFileName(DotNetHost);

    /// <inheritdoc/>
    protected override Encoding StandardOutputEncoding => Encoding.UTF8;

    /// <inheritdoc/>
    protected override Encoding StandardErrorEncoding => Encoding.UTF8;

    private DiagnosticLog Diagnostics => diagnostics ??= new DiagnosticLog(Log, ProjectFile, Worker.GetMetadata("DocsFolder"));

    /// <inheritdoc/>
    public override bool Execute()
    {
        var executed = RunStage();
        FailedModels = executed ? [] : [Model];
        return executed;
    }

    private bool RunStage()
    {
        if (!int.TryParse(Worker.GetMetadata("TimeoutSeconds"), NumberStyles.None, CultureInfo.InvariantCulture, out timeoutSeconds))
        {
            Diagnostics.Error("PB1012", Worker.GetMetadata("TimeoutSeconds"), "PruneBuildWorkerTimeout", "a number of seconds is expected");
            return false;
        }

        // The worker ends itself when this process is gone, however that happened.
        EnvironmentVariables = [.. EnvironmentVariables ?? [], $"PRUNEBUILD_PARENT_PID={Environment.ProcessId}"];
        var killsBefore = KernelOutOfMemoryKills.Count();
        using var timer = timeoutSeconds > 0
            ? new Timer(_ => End(ref timedOut), null, TimeSpan.FromSeconds(timeoutSeconds), System.Threading.Timeout.InfiniteTimeSpan)
            : null;
        try
        {
            CheckCanStart();
            var toolSucceeded = base.Execute();
            var end = new WorkerEnd(
                ExitCode, canceled, timedOut, timeoutSeconds, KernelOutOfMemoryKills.Count() > killsBefore, succeeded, errorsReported,
                lastWords.ToString());
            if (end.Explain() is { } failure)
                Diagnostics.Report(failure);
            return toolSucceeded && !Log.HasLoggedErrors;
        }
        catch (PruneBuildException e)
        {
            Diagnostics.Report(e.Diagnostic);
            return false;
        }
    }

    /// <summary>Ends the worker and everything it started. Not the base's way, which adds a warning of its own.</summary>
    public override void Cancel() => End(ref canceled);

    /// <inheritdoc/>
    protected override string GenerateFullPathToTool() => DotNetHost;

    /// <inheritdoc/>
    protected override string? GetWorkingDirectory() => Path.GetDirectoryName(ProjectFile);

    /// <inheritdoc/>
    protected override string GenerateCommandLineCommands()
    {
        var line = new CommandLineBuilder();
        line.AppendSwitch("exec");
        line.AppendFileNameIfNotNull(WorkerAssembly);
        line.AppendSwitch("stage");
        line.AppendSwitch(Stage);
        line.AppendSwitchIfNotNull("--request ", Model.GetMetadata("RequestFile"));
        line.AppendSwitchIfNotNull("--natives ", Worker.GetMetadata("NativesFile"));
        return line.ToString();
    }

    /// <inheritdoc/>
    protected override void LogToolCommand(string message) => Log.LogMessage(MessageImportance.Normal, "{0}", message);

    /// <inheritdoc/>
    protected override Process StartToolProcess(Process proc)
    {
        lock (processLock)
        {
            try
            {
                process = base.StartToolProcess(proc);
            }
            catch (Exception e) when (e is Win32Exception or IOException)
            {
                throw new PruneBuildException(Diagnostic.Create("PB9006", Severity.Error, e.Message), e);
            }
            if (canceled || timedOut)
                process.Kill(entireProcessTree: true);
            return process;
        }
    }

    /// <inheritdoc/>
    protected override void LogEventsFromTextOutput(string singleLine, MessageImportance messageImportance)
    {
        switch (WorkerEvent.TryParse(singleLine))
        {
            case WorkerEvent.Reported reported:
                errorsReported |= reported.Diagnostic.Severity == Severity.Error;
                Diagnostics.Report(ModelItemPosition.Complete(reported.Diagnostic, Model));
                break;
            case WorkerEvent.Progress progress:
                Log.LogMessage(MessageImportance.High, "{0}", Describe(progress));
                break;
            case WorkerEvent.Result result:
                succeeded = result.Success;
                Log.LogMessage(MessageImportance.Normal, "{0}", $"{Subject}: {Stage} {result.Message}");
                break;
            default:
                lastWords.Add(singleLine);
                Log.LogMessage(MessageImportance.Low, "{0}", singleLine);
                break;
        }
    }

    /// <summary>The base would add an uncoded error; <see cref="WorkerEnd"/> explains every end.</summary>
    protected override bool HandleTaskExecutionErrors() => false;

    private string Describe(WorkerEvent.Progress progress) =>
        progress.Fraction is { } fraction
            ? $"{Subject}: {progress.Message} ({fraction:P0})"
            : $"{Subject}: {progress.Message}";

    private void CheckCanStart()
    {
        foreach (var file in (string[])[DotNetHost, WorkerAssembly])
        {
            if (!File.Exists(file))
                throw new PruneBuildException("PB9006", $"'{file}' does not exist.");
        }
    }

    private void End(ref bool reason)
    {
        lock (processLock)
        {
            reason = true;
            if (process is null)
                return;
            try
            {
                process.Kill(entireProcessTree: true);
            }
            catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
            {
                // It has ended by itself meanwhile, wholly or in part.
                Log.LogMessage(MessageImportance.Low, "{0}", e.Message);
            }
        }
    }
}
