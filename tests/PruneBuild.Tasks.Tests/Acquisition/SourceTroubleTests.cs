using NuGet.Packaging.Core;
using NuGet.Packaging.Signing;
using NuGet.Protocol.Core.Types;
using PruneBuild.Tasks.Acquisition;

namespace PruneBuild.Tasks.Tests.Acquisition;

public sealed class SourceTroubleTests
{
    public static TheoryData<Exception> Troubles =>
    [
        new FatalProtocolException("503"), new HttpRequestException("no route"), new IOException("reset"), new TimeoutException(),
        new InvalidDataException("no archive"), new PackagingException("no nuspec"), new SignatureException("wrongly signed"),
    ];

    [Theory]
    [MemberData(nameof(Troubles), DisableDiscoveryEnumeration = true)]
    public void What_a_source_or_its_package_does_wrong_is_its_trouble(Exception failure) =>
        Assert.True(SourceTrouble.Is(failure, CancellationToken.None));

    [Fact]
    public void A_time_out_of_HTTP_is_the_sources_trouble_although_it_looks_like_a_cancellation() =>
        Assert.True(SourceTrouble.Is(new TaskCanceledException("The request timed out"), CancellationToken.None));

    [Fact]
    public void The_builds_own_cancellation_is_not() =>
        Assert.False(SourceTrouble.Is(new TaskCanceledException(), new CancellationToken(canceled: true)));

    [Fact]
    public void A_mistake_of_ours_is_not() => Assert.False(SourceTrouble.Is(new InvalidOperationException(), CancellationToken.None));
}
