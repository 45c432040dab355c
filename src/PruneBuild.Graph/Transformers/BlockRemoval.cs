using PruneBuild.Graph.Onnx;

namespace PruneBuild.Graph.Transformers;

/// <summary>Leaves residual blocks out: y = x + f(x) becomes x.</summary>
public static class BlockRemoval
{
    /// <summary>Removes a block, and the initializers that nothing uses any more.</summary>
    /// <param name="model">Edited.</param>
    /// <param name="block">From <see cref="TransformerView.ResidualBlocks"/> of the model; other blocks of the list stay valid.</param>
    public static void Remove(OnnxModel model, ResidualBlock block)
    {
        // The Add stays as the block's output under its old name, so that graph outputs and other blocks' names hold.
        var input = block.Add.Input.First(value => !block.Body.Any(node => node.Output.Contains(value)));
        block.Add.OpType = "Identity";
        block.Add.Input.Clear();
        block.Add.Input.Add(input);
        foreach (var node in block.Body)
            model.Graph.Node.Remove(node);
        var index = new GraphIndex(model.Graph);
        foreach (var name in model.Weights.Keys.Where(name => index.Uses(name).Count == 0 && !index.IsOutput(name)).ToList())
            model.RemoveWeight(name);
    }
}
