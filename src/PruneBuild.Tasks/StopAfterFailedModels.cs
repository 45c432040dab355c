using Microsoft.Build.Framework;

namespace PruneBuild.Tasks;

/// <summary>Ends a target whose tasks went on after errors. Those have been logged, so this logs nothing.</summary>
[MSBuildMultiThreadableTask]
public sealed class StopAfterFailedModels : Microsoft.Build.Utilities.Task
{
    /// <inheritdoc/>
    public override bool Execute()
    {
        // Otherwise MSBuild adds an error that says there was none (MSB4181).
        if (BuildEngine is IBuildEngine7 engine)
            engine.AllowFailureWithoutError = true;
        return false;
    }
}
