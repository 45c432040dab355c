using System.Diagnostics;
using System.Globalization;

namespace PruneBuild.Worker;

/// <summary>Ends the worker when the build that started it is gone: a killed build leaves no process behind.</summary>
internal static class ParentWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public static void Start()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable("PRUNEBUILD_PARENT_PID"), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return;
        new Thread(() => Watch(id)) { IsBackground = true, Name = "parent watch" }.Start();
    }

    private static void Watch(int id)
    {
        try
        {
            using var parent = Process.GetProcessById(id);
            while (!parent.WaitForExit(Interval))
            {
            }
        }
        catch (ArgumentException)
        {
            // Already gone.
        }
        Environment.Exit(ExitCodes.Orphaned);
    }
}
