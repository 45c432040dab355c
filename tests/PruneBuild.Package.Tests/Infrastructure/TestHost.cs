using System.Reflection;

namespace PruneBuild.Package.Tests.Infrastructure;

/// <summary>What the test's own build knows.</summary>
internal static class TestHost
{
    public static string FakeWorkerFolder => Metadata("FakeWorkerFolder");

    public static string DotNetHost => Metadata("DotNetHost");

    public static string HostRid => Metadata("HostRid");

    public static string Configuration => Metadata("Configuration");

    public static string ArtifactsPath => Metadata("ArtifactsPath");

    private static string Metadata(string key) => typeof(TestHost).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value ?? "";
}
