using PruneBuild.Compression.Training.Operators;
using PruneBuild.Graph;
using PruneBuild.Graph.Onnx;
using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>
/// The part of a model that some of its values need, ready to run in libtorch with gradients. Its constants are copies of the
/// initializers. Several threads may run it at the same time.
/// </summary>
internal sealed class TorchGraph : IDisposable
{
    private readonly List<Step> steps = [];
    private readonly Dictionary<string, torch.Tensor> constants = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<string> outputs;
    private readonly long opset;

    /// <summary>Compiles what the outputs need.</summary>
    /// <param name="model">The model; not needed afterwards.</param>
    /// <param name="outputs">Value names of the main graph.</param>
    /// <exception cref="Diagnostics.PruneBuildException">PB3007: a node, or the type of a constant, is not supported.</exception>
    /// <exception cref="ArgumentException">No node makes an output.</exception>
    public TorchGraph(OnnxModel model, IReadOnlyList<string> outputs)
    {
        this.outputs = outputs;
        opset = model.Proto.OpsetImport.FirstOrDefault(import => import.Domain is "" or "ai.onnx")?.Version ?? 1;
        foreach (var output in outputs)
            if (!model.Graph.Node.Any(node => node.Output.Contains(output)))
                throw new ArgumentException($"No node makes '{output}'.", nameof(outputs));
        // Backwards: a node is needed when a later one needs what it makes, and the first use met is the last to run.
        var needed = outputs.ToHashSet(StringComparer.Ordinal);
        var alive = outputs.ToHashSet(StringComparer.Ordinal);
        foreach (var node in model.Graph.Node.Reverse().Where(node => node.Output.Any(needed.Contains)))
        {
            var runs = TorchOperators.Find(node.Domain, node.OpType) ?? throw OperatorCall.Unsupported(
                node, node.Domain.Length == 0 ? "no such operator" : $"no such operator of the domain '{node.Domain}'");
            var names = node.Input.Where(input => input.Length > 0).Distinct(StringComparer.Ordinal).ToList();
            needed.UnionWith(names);
            var unused = node.Output.Where(output => output.Length > 0 && !alive.Contains(output));
            steps.Add(new Step(node, runs, [.. names.Where(alive.Add), .. unused]));
        }
        steps.Reverse();
        foreach (var (node, input) in steps.SelectMany(step => step.Node.Input.Select(input => (step.Node, input))))
        {
            if (model.Weights.TryGetValue(input, out var weight) && !constants.ContainsKey(input))
                constants[input] = TorchTensors.Of(weight) ?? throw OperatorCall.Unsupported(node, $"its constant '{input}' is {weight.Type}");
        }
        foreach (var constant in constants.Values)
            constant.DetachFromDisposeScope();
    }

    /// <summary>The initializers the graph reads.</summary>
    public IReadOnlyDictionary<string, torch.Tensor> Constants => constants;

    /// <summary>The batch normalizations of the graph, in running order.</summary>
    public IEnumerable<NodeProto> BatchNormalizations => steps.Select(step => step.Node).Where(node => node.OpType == "BatchNormalization");

    /// <summary>Runs the graph. A value is freed after its last use, unless the gradient needs it.</summary>
    /// <param name="values">The inputs, and whatever replaces a constant; they stay the caller's.</param>
    /// <param name="batchStatistics">Receives the statistics of every batch normalization, by the name of its output, and makes it use them; null uses the stored ones.</param>
    /// <param name="boundaries">Values that no gradient crosses: what reads them takes them as they are.</param>
    /// <returns>The outputs by name, the caller's to dispose of.</returns>
    /// <exception cref="Diagnostics.PruneBuildException">PB3007: an attribute or an input is not supported.</exception>
    public Dictionary<string, torch.Tensor> Run(
        IReadOnlyDictionary<string, torch.Tensor> values, IDictionary<string, BatchStatistics>? batchStatistics = null,
        IReadOnlySet<string>? boundaries = null)
    {
        using var scope = torch.NewDisposeScope();
        var made = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        var results = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        torch.Tensor? Find(NodeProto node, string name) =>
            name.Length == 0 ? null
            : made.TryGetValue(name, out var value) || values.TryGetValue(name, out value) || constants.TryGetValue(name, out value) ? value
            : throw OperatorCall.Unsupported(node, $"nothing gives its input '{name}'");
        foreach (var (node, runs, last) in steps)
        {
            var call = new OperatorCall(node, opset, [.. node.Input.Select(name => Find(node, name))], batchStatistics);
            using (var inner = torch.NewDisposeScope())
            {
                var produced = Run(runs, call);
                for (var index = 0; index < node.Output.Count && index < produced.Count; index++)
                {
                    var name = node.Output[index];
                    if (name.Length == 0)
                        continue;
                    var value = inner.MoveToOuter(produced[index]);
                    if (outputs.Contains(name))
                        results[name] = inner.MoveToOuter(value.alias());
                    made[name] = boundaries?.Contains(name) == true ? inner.MoveToOuter(value.detach()) : value;
                }
            }
            foreach (var name in last)
                if (made.Remove(name, out var value))
                    value.Dispose();
        }
        foreach (var result in results.Values)
            scope.MoveToOuter(result);
        return results;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var constant in constants.Values)
            constant.Dispose();
    }

    private static IReadOnlyList<torch.Tensor> Run(ITorchOperator runs, OperatorCall call)
    {
        try
        {
            return runs.Run(call);
        }
        // libtorch refuses shapes and types with an exception that names neither node nor operator.
        catch (System.Runtime.InteropServices.ExternalException reason)
        {
            throw call.Unsupported(reason.Message.Split('\n')[0]);
        }
    }

    /// <summary>One node to run.</summary>
    /// <param name="Node">The node.</param>
    /// <param name="Operator">What runs it.</param>
    /// <param name="LastUsed">The values nothing needs afterwards.</param>
    private sealed record Step(NodeProto Node, ITorchOperator Operator, IReadOnlyList<string> LastUsed);
}
