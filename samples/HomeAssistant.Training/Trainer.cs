using System.Diagnostics;
using HomeAssistant.Language;
using PruneBuild.Compression.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace HomeAssistant.Training;

/// <summary>
/// Adam with warm-up and a cosine schedule on endless sentences. In the second part every other step runs without the smallest 8×4
/// blocks, of which there are more and more, so that the network depends little on them. The result is dense: the small blocks are
/// trained by the steps between.
/// </summary>
internal sealed class Trainer(TrainingOptions options, LlamaNetwork network, ChatEncoder encoder)
{
    /// <summary>The share of blocks that the network learns to do without.</summary>
    public const double PreparedSparsity = 0.5;

    /// <summary>How much a token of a sentence counts beside one of an answer.</summary>
    private const float PromptWeight = 0.1f;

    private const int Warmup = 100;
    private const int MaskLife = 20;
    private const int ReportEvery = 100;
    private const int CheckpointEvery = 250;
    private const double DenseShareOfSteps = 0.4;
    private const double GrowthShareOfSteps = 0.3;

    public void Train()
    {
        using var adam = new Adam(Decayed());
        var (done, skipped) = File.Exists(options.Checkpoint) ? Checkpoint.Load(options.Checkpoint, network.Weights, adam.First, adam.Second) : (0, 0);
        using var rows = TokenRow.Pack(ExampleSets.Training().Skip(skipped), encoder, TrainingOptions.RowLength).GetEnumerator();
        var (clock, loss, drawn) = (Stopwatch.StartNew(), 0.0, 0);
        for (var step = done + 1; step <= options.Steps; step++)
        {
            var batch = new TokenRow[options.Rows];
            for (var row = 0; row < batch.Length && rows.MoveNext(); row++)
                (batch[row], drawn) = rows.Current;
            if (Sparsity(step) > 0 && (step % MaskLife == 1 || step == done + 1))
                network.LeaveOutSmallestBlocks(Sparsity(step));
            network.IsSparse = Sparsity(step) > 0 && step % 2 == 1;
            loss += Step(adam, batch, step);
            if (step % ReportEvery == 0)
            {
                Console.WriteLine($"step {step,5}  loss {loss / ReportEvery:F4}  {clock.Elapsed.TotalSeconds:F0} s, {Environment.CpuUsage.TotalTime.TotalSeconds:F0} s of processor time");
                loss = 0;
            }
            if (step % CheckpointEvery == 0 && options.Checkpoint.Length > 0)
                Checkpoint.Save(options.Checkpoint, step, skipped + drawn, network.Weights, adam.First, adam.Second);
        }
        network.IsSparse = false;
    }

    private double Step(Adam adam, TokenRow[] batch, int step)
    {
        using var scope = NewDisposeScope();
        var shape = new long[] { batch.Length, TrainingOptions.RowLength };
        var tokens = tensor(batch.SelectMany(row => row.Tokens).Select(token => (long)token).ToArray(), shape);
        var weights = tensor(batch.SelectMany(row => row.IsAnswer.Skip(1)).Select(answer => answer ? 1 : PromptWeight).ToArray());
        var logits = network.Logits(tokens.narrow(1, 0, shape[1] - 1)).flatten(0, 1);
        var each = nn.functional.cross_entropy(logits, tokens.narrow(1, 1, shape[1] - 1).flatten(), reduction: nn.Reduction.None);
        var loss = (each * weights).sum() / weights.sum();
        loss.backward();
        adam.Step(network.Weights, step, options.LearningRate * Rate(step));
        return loss.item<float>();
    }

    /// <summary>Rises to 1, then falls to 0 along a cosine.</summary>
    private double Rate(int step) => Math.Min(1, (double)step / Warmup) * 0.5 * (1 + Math.Cos(Math.PI * step / options.Steps));

    /// <summary>0 in the first part of the training, then rising to <see cref="PreparedSparsity"/>, which the last part keeps.</summary>
    private double Sparsity(int step)
    {
        var growth = ((double)step / options.Steps - DenseShareOfSteps) / GrowthShareOfSteps;
        return growth <= 0 ? 0 : PreparedSparsity * Math.Min(1, growth);
    }

    /// <summary>Matrices decay, scales of normalizations do not.</summary>
    private Tensor Decayed()
    {
        using var scope = NewDisposeScope();
        return cat([.. network.Shape.Tensors.Select(tensor => tensor.Shape.Length == 1 ? zeros([tensor.Count]) : ones([tensor.Count]))], 0).DetachFromDisposeScope();
    }
}
