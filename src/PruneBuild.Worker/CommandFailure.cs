using System.CommandLine;

namespace PruneBuild.Worker;

/// <summary>How a command for people ends: a failure is one coded line on standard error.</summary>
internal static class CommandFailure
{
    public static int Catch(ParseResult parsed, Action run)
    {
        try
        {
            run();
            return ExitCodes.Success;
        }
        catch (Exception exception)
        {
            parsed.InvocationConfiguration.Error.WriteLine(Failure.Explain(exception, request: null));
            return ExitCodes.Failed;
        }
    }
}
