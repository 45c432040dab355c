namespace PruneBuild.Package.Tests.Infrastructure;

/// <summary>A test with one project, whose folder with the build logs is kept when the test fails.</summary>
public abstract class PackageTest : IDisposable
{
    protected PackageTest(PackedFeed feed) => Project = new TestProject(feed);

    private protected TestProject Project { get; }

    public void Dispose()
    {
        Project.KeepWhen(TestContext.Current.TestState?.Result == TestResult.Failed);
        Project.Dispose();
        GC.SuppressFinalize(this);
    }
}
