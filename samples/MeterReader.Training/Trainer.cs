using System.Diagnostics;
using MeterReader.Rendering;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MeterReader.Training;

/// <summary>
/// Adam with a cosine schedule on a fixed pool of renders. A group lasso gathers the weight of the dense layers into few blocks,
/// and in the second part every other step runs without the smallest blocks, so that the network depends little on them.
/// The result is dense: the small blocks are trained by the steps between.
/// </summary>
internal static class Trainer
{
    /// <summary>The share of blocks that the network learns to do without.</summary>
    public const double PreparedSparsity = 0.8;

    private const double DenseShareOfSteps = 0.3;

    public static DigitNetwork Train(TrainingOptions options, RenderedDigits pool)
    {
        manual_seed(options.Seed);
        var network = new DigitNetwork();
        using var images = tensor(pool.Images, [pool.Count, 1, DigitRenderer.Height, DigitRenderer.Width], ScalarType.Byte);
        using var labels = tensor(pool.Labels, ScalarType.Byte).to(ScalarType.Int64);
        using var optimizer = optim.Adam(network.parameters(), options.LearningRate);
        var stepsPerEpoch = pool.Count / options.BatchSize;
        var steps = options.Epochs * stepsPerEpoch;
        var clock = Stopwatch.StartNew();

        network.train();
        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            using var order = randperm(pool.Count);
            var loss = 0.0;
            for (var batch = 0; batch < stepsPerEpoch; batch++)
            {
                var step = epoch * stepsPerEpoch + batch;
                foreach (var group in optimizer.ParamGroups)
                    group.LearningRate = options.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * step / steps));
                network.LeaveOutSmallestBlocks(step >= DenseShareOfSteps * steps && step % 2 == 1 ? PreparedSparsity : 0);
                loss += Step(network, optimizer, images, labels, order.narrow(0, batch * options.BatchSize, options.BatchSize), options.BlockLasso);
            }
            Console.WriteLine($"epoch {epoch + 1,2}  loss {loss / stepsPerEpoch:F4}  {clock.Elapsed.TotalSeconds:F0} s");
        }
        network.LeaveOutSmallestBlocks(0);
        network.eval();
        return network;
    }

    /// <summary>The share of windows whose largest logit is the label.</summary>
    public static double Accuracy(DigitNetwork network, RenderedDigits cases)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var images = tensor(cases.Images, [cases.Count, 1, DigitRenderer.Height, DigitRenderer.Width], ScalarType.Byte);
        var labels = tensor(cases.Labels, ScalarType.Byte).to(ScalarType.Int64);
        var right = network.forward(DigitNetwork.Normalize(images)).argmax(1).eq(labels);
        return right.to(ScalarType.Float64).mean().item<double>();
    }

    private static double Step(DigitNetwork network, optim.Optimizer optimizer, Tensor images, Tensor labels, Tensor indices, double blockLasso)
    {
        using var scope = NewDisposeScope();
        var logits = network.forward(DigitNetwork.Normalize(images.index_select(0, indices)));
        var loss = functional.cross_entropy(logits, labels.index_select(0, indices));
        var penalty = WeightBlocks.SumOfNorms(network.Dense1.weight!) + WeightBlocks.SumOfNorms(network.Dense2.weight!);
        optimizer.zero_grad();
        (loss + blockLasso * penalty).backward();
        optimizer.step();
        indices.Dispose();
        return loss.item<float>();
    }
}
