using PruneBuild.Diagnostics;
using PruneBuild.Targeting;
using PruneBuild.Tasks.ModelReferences;

namespace PruneBuild.Tasks.Tests.ModelReferences;

/// <summary>The tasks and the worker's device catalogue must say the same about a RID.</summary>
public sealed class RuntimeIdentifierTests
{
    [Fact]
    public void The_supported_ones_are_those_of_the_device_catalogue() =>
        Assert.Equal(DeviceCatalogue.Rids, RuntimeIdentifiers.Supported.Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("linux-musl-x64", "PB6001")]
    [InlineData("linux-musl-arm64", "PB6001")]
    [InlineData("linux-bionic-arm64", "PB6001")]
    [InlineData("linux-arm", "PB6001")]
    [InlineData("linux-x86", "PB6001")]
    [InlineData("osx-x64", "PB6001")]
    [InlineData("win-x86", "PB6001")]
    [InlineData("win-arm", "PB6001")]
    [InlineData("linux-s390x", "PB1020")]
    [InlineData("linux-riscv64", "PB1020")]
    [InlineData("freebsd-x64", "PB1020")]
    [InlineData("android-arm64", "PB1020")]
    [InlineData("browser-wasm", "PB1020")]
    [InlineData("LINUX-X64", "PB1020")]
    public void A_refused_one_has_the_code_that_the_device_catalogue_gives_it(string rid, string code)
    {
        Assert.Equal(code, Assert.Throws<PruneBuildException>(() => RuntimeIdentifiers.Check(rid, "app.csproj")).Code);
        Assert.Equal(code, Assert.Throws<PruneBuildException>(() => DeviceCatalogue.Find(rid)).Code);
    }
}
