namespace PruneBuild.Pipeline;

/// <summary>Reads an answer whole before anybody looks at it, and none that is longer than a judge's answer can be.</summary>
/// <param name="inner">What sends.</param>
/// <param name="mostBytes">Bytes of an answer.</param>
internal sealed class BoundedAnswers(HttpMessageHandler inner, long mostBytes) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            await response.Content.LoadIntoBufferAsync(mostBytes, cancellationToken).ConfigureAwait(false);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
