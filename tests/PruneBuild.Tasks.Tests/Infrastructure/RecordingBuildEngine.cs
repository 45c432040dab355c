using System.Collections;
using Microsoft.Build.Framework;

namespace PruneBuild.Tasks.Tests.Infrastructure;

/// <summary>Stands in for MSBuild and remembers what a task logs.</summary>
internal sealed class RecordingBuildEngine : IBuildEngine
{
    private readonly Lock gate = new();

    public List<BuildErrorEventArgs> Errors { get; } = [];

    public List<BuildWarningEventArgs> Warnings { get; } = [];

    public List<BuildMessageEventArgs> Messages { get; } = [];

    public bool ContinueOnError => false;

    public int LineNumberOfTaskNode => 1;

    public int ColumnNumberOfTaskNode => 1;

    public string ProjectFileOfTaskNode => "PruneBuild.targets";

    public IEnumerable<string> MessagesOf(MessageImportance importance) =>
        Messages.Where(message => message.Importance == importance).Select(message => message.Message!);

    public void LogErrorEvent(BuildErrorEventArgs e) => Add(Errors, e);

    public void LogWarningEvent(BuildWarningEventArgs e) => Add(Warnings, e);

    public void LogMessageEvent(BuildMessageEventArgs e) => Add(Messages, e);

    public void LogCustomEvent(CustomBuildEventArgs e)
    {
    }

    public bool BuildProjectFile(string projectFileName, string[] targetNames, IDictionary globalProperties, IDictionary targetOutputs) => false;

    private void Add<T>(List<T> list, T entry)
    {
        lock (gate)
            list.Add(entry);
    }
}
