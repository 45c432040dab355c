using System.Reflection;

namespace PruneBuild.Tasks.Tests.Infrastructure;

/// <summary>What the test's own build knows.</summary>
internal static class TestHost
{
    public static string FakeWorkerFolder => Metadata("FakeWorkerFolder");

    public static string DotNetHost => Metadata("DotNetHost");

    private static string Metadata(string key) => typeof(TestHost).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value!;
}
