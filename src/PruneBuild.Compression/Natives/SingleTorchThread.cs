using TorchSharp;

namespace PruneBuild.Compression.Natives;

/// <summary>
/// Makes libtorch use one thread in the thread that creates it, until disposed of: libtorch splits sums by its number of
/// threads, so only then do they not depend on the machine.
/// </summary>
internal sealed class SingleTorchThread : IDisposable
{
    private readonly int before = torch.get_num_threads();

    public SingleTorchThread() => torch.set_num_threads(1);

    /// <inheritdoc/>
    public void Dispose() => torch.set_num_threads(before);
}
