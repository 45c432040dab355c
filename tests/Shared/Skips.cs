namespace PruneBuild.Tests;

/// <summary>Skips for want of a tool; where PRUNEBUILD_FORBID_SKIPS is set, that is a failure.</summary>
internal static class Skips
{
    public static void Unless(bool condition, string reason)
    {
        if (condition)
            return;
        if (Environment.GetEnvironmentVariable("PRUNEBUILD_FORBID_SKIPS") == "1")
            Assert.Fail($"Skips are forbidden here: {reason}");
        Assert.Skip(reason);
    }
}
