using System.Runtime.CompilerServices;
using PruneBuild.Compression.Calibration;
using PruneBuild.Compression.Natives;
using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training;

/// <summary>Runs a model with the operators that training uses, on plain arrays.</summary>
public static class TorchInterpreter
{
    /// <summary>Computes values of the model for one batch, on one libtorch thread.</summary>
    /// <param name="model">The model; unchanged.</param>
    /// <param name="batch">A value for every input that the outputs need.</param>
    /// <param name="outputs">Value names, intermediate ones too; null means the outputs of the model.</param>
    /// <returns>By name.</returns>
    /// <exception cref="Diagnostics.PruneBuildException">PB3007: a node is not supported. PB0012, PB0013: libtorch does not load.</exception>
    /// <exception cref="ArgumentException">No node makes an output.</exception>
    public static IReadOnlyDictionary<string, CalibrationTensor> Run(OnnxModel model, CalibrationBatch batch, IReadOnlyList<string>? outputs = null)
    {
        TorchNatives.Load();
        return Interpret(model, batch, outputs ?? [.. model.Graph.Output.Select(output => output.Name)]);
    }

    // Apart, so that nothing of torch is touched before its libraries are loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Dictionary<string, CalibrationTensor> Interpret(OnnxModel model, CalibrationBatch batch, IReadOnlyList<string> outputs)
    {
        using var single = new SingleTorchThread();
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        using var graph = new TorchGraph(model, outputs);
        var inputs = batch.Inputs.ToDictionary(input => input.Key, input => TorchTensors.Of(input.Value.Data, input.Value.Shape));
        return graph.Run(inputs).ToDictionary(output => output.Key, output => TorchTensors.Read(output.Value), StringComparer.Ordinal);
    }
}
