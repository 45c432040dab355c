using NuGet.Packaging.Core;
using NuGet.Packaging.Signing;
using NuGet.Protocol.Core.Types;

namespace PruneBuild.Tasks.Acquisition;

/// <summary>Tells failures that belong to one package source, so that another may still have the package.</summary>
internal static class SourceTrouble
{
    /// <param name="failure">What a source's download or installation threw.</param>
    /// <param name="cancellation">The build's own token: NuGet's HTTP time-outs look like cancellations too.</param>
    public static bool Is(Exception failure, CancellationToken cancellation) => failure switch
    {
        OperationCanceledException => !cancellation.IsCancellationRequested,
        // Not reachable, or not a feed.
        FatalProtocolException or HttpRequestException or IOException or TimeoutException => true,
        // A package that is no archive, no package, or wrongly signed.
        InvalidDataException or PackagingException or SignatureException => true,
        _ => false,
    };
}
