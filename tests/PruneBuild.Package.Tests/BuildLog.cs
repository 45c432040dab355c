using PruneBuild.Package.Tests.Infrastructure;

namespace PruneBuild.Package.Tests;

/// <summary>What a user reads while and after the build runs.</summary>
public sealed class BuildLog(PackedFeed feed) : PackageTest(feed)
{
    [Fact]
    public void The_targets_appear_under_their_names_in_the_order_they_run()
    {
        Project.WriteUsualApp();
        var lines = Project.BuildForDevice().AssertSucceeded().Log.Split('\n').Select(line => line.Trim()).ToList();
        string[] targets = ["PruneModels:", "QuantizeModels:", "SelectSparseKernels:", "EvaluateModels:", "PackageEdgeArtifacts:"];
        Assert.Equal(targets, lines.Where(targets.Contains).Distinct());
    }

    [Fact]
    public void A_warning_about_a_model_is_given_by_every_build_and_once()
    {
        Project.WriteApp(
            """<ModelReference Include="m.onnx" />""",
            "<TargetFrameworks>net10.0;net10.0-windows</TargetFrameworks><EnableWindowsTargeting>true</EnableWindowsTargeting>" +
            "<DisableTransitiveFrameworkReferenceDownloads>true</DisableTransitiveFrameworkReferenceDownloads>");
        Project.Write("m.onnx", "evaluate warn\n");
        AssertOneWarning(Project.Build());
        var second = Project.Build("--no-restore");
        AssertOneWarning(second);
        Assert.Empty(second.WorkerStarts);
    }

    private static void AssertOneWarning(BuildResult result)
    {
        Assert.Contains("m.onnx(2,3): warning PB4002: 100% {sure}", result.AssertSucceeded().Log, StringComparison.Ordinal);
        Assert.Contains(" 1 Warning(s)", result.Log, StringComparison.Ordinal);
    }
}
