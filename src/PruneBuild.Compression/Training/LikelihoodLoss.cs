using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Training.Operators;
using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>The negative log-likelihood, in nats, of what comes next or of the model's own most likely class.</summary>
internal sealed class LikelihoodLoss(ModelPrediction prediction, OnnxModel model)
{
    /// <summary>The mean over the rows of the logits.</summary>
    /// <param name="logits">[..., classes], or [batch, tokens, vocabulary].</param>
    /// <param name="inputs">The model's inputs.</param>
    /// <param name="source">Where they come from, for messages.</param>
    /// <exception cref="Diagnostics.PruneBuildException">PB3004: too few tokens, or the loss is not finite. PB3007: there are no classes.</exception>
    public torch.Tensor Of(torch.Tensor logits, IReadOnlyDictionary<string, torch.Tensor> inputs, string source)
    {
        var shape = logits.shape;
        if (!prediction.HasClasses(shape))
        {
            var node = model.Graph.Node.First(node => node.Output.Contains(prediction.Logits));
            throw OperatorCall.Unsupported(node, $"gradients need the likelihood of classes, and the output is [{string.Join(", ", shape)}]");
        }
        var likelihoods = logits.log_softmax(-1);
        torch.Tensor actual;
        if (prediction.TokenInput(shape) is { } tokens)
        {
            if (shape[1] < 2)
                throw BatchValues.Misfit(source, tokens, "nothing comes after a single token");
            actual = inputs[tokens].to_type(torch.ScalarType.Int64).narrow(1, 1, shape[1] - 1);
            likelihoods = likelihoods.narrow(1, 0, shape[1] - 1);
        }
        else
        {
            actual = likelihoods.detach().argmax(-1);
        }
        var loss = -likelihoods.gather(-1, actual.unsqueeze(-1)).mean();
        return double.IsFinite(loss.item<float>()) ? loss
            : throw BatchValues.Misfit(source, string.Join(", ", model.Graph.Input.Select(input => input.Name)), "the model's loss is not finite");
    }
}
