using PruneBuild.Diagnostics;

namespace PruneBuild.Pipeline;

/// <summary>Where a stage says what happens: the worker turns it into one JSON event a line.</summary>
public interface IWorkReporter
{
    /// <summary>A warning or an error.</summary>
    void Report(Diagnostic diagnostic);

    /// <summary>What the stage does now.</summary>
    /// <param name="stage">Stage name.</param>
    /// <param name="message">One line for a person.</param>
    /// <param name="fraction">0 to 1, or null when unknown.</param>
    void Progress(string stage, string message, double? fraction = null);
}
