using MeterReader.Rendering;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MeterReader.Training;

/// <summary>Two convolutions, three dense layers; the first dense layer holds most of the 0.32 million parameters.</summary>
internal sealed class DigitNetwork : Module<Tensor, Tensor>
{
    private const int FirstChannels = 16;
    private const int SecondChannels = 32;
    private const int Flattened = SecondChannels * (DigitRenderer.Height / 4) * (DigitRenderer.Width / 4);

    /// <summary>Masks of the first two dense layers while blocks are left out; null when the network is dense.</summary>
    private (Tensor Dense1, Tensor Dense2)? _masks;

    public DigitNetwork() : base("meter-digits")
    {
        Convolution1 = Conv2d(1, FirstChannels, kernel_size: 3, padding: 1);
        Convolution2 = Conv2d(FirstChannels, SecondChannels, kernel_size: 3, padding: 1);
        Dense1 = Linear(Flattened, 192);
        Dense2 = Linear(192, 96);
        Classifier = Linear(96, 10);
        RegisterComponents();
    }

    public Conv2d Convolution1 { get; }
    public Conv2d Convolution2 { get; }
    public Linear Dense1 { get; }
    public Linear Dense2 { get; }
    public Linear Classifier { get; }

    /// <summary>Leaves the given share of the smallest blocks of each large dense layer out of <see cref="forward"/>; the
    /// weights keep their values. 0 uses all of them again.</summary>
    public void LeaveOutSmallestBlocks(double sparsity)
    {
        _masks?.Dense1.Dispose();
        _masks?.Dense2.Dispose();
        using var noGradient = no_grad();
        _masks = sparsity > 0 ? (Mask(Dense1), Mask(Dense2)) : null;

        Tensor Mask(Linear layer) => WeightBlocks.LargestMask(layer.weight!, sparsity).DetachFromDisposeScope();
    }

    /// <summary>Images [batch, 1, 32, 24], normalised to −1..1, to logits [batch, 10].</summary>
    public override Tensor forward(Tensor input)
    {
        var features = functional.max_pool2d(functional.relu(Convolution1.forward(input)), 2);
        features = functional.max_pool2d(functional.relu(Convolution2.forward(features)), 2);
        var hidden = functional.relu(Multiply(Dense1, _masks?.Dense1, features.flatten(1)));
        return Classifier.forward(functional.relu(Multiply(Dense2, _masks?.Dense2, hidden)));
    }

    /// <summary>Bytes [batch, 1, 32, 24] to −1..1.</summary>
    public static Tensor Normalize(Tensor images) => (images.to(ScalarType.Float32) / 255 - 0.5) / 0.5;

    private static Tensor Multiply(Linear layer, Tensor? mask, Tensor input) =>
        functional.linear(input, mask is null ? layer.weight! : layer.weight! * mask, layer.bias);
}
