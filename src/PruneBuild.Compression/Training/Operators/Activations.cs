using PruneBuild.Graph;
using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Activations with attributes.</summary>
internal sealed class Activations : ITorchOperator
{
    private const double SeluAlpha = 1.67326319217681884765625;
    private const double SeluGamma = 1.05070102214813232421875;

    private static Scalar Zero => Scalars.Of(0);

    private static Scalar One => Scalars.Of(1);

    public IReadOnlyList<string> Types { get; } = ["LeakyRelu", "Elu", "Selu", "HardSigmoid", "Gelu", "QuickGelu", "ThresholdedRelu", "Swish"];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call)
    {
        var (node, x) = (call.Node, call[0]);
        return
        [
            node.OpType switch
            {
                "LeakyRelu" => x.clamp(min: Zero).Plus(x.clamp(max: Zero) * Scalars.Of(node.GetFloat("alpha", 0.01f))),
                "Elu" => Exponential(x, node.GetFloat("alpha", 1)),
                "Selu" => Exponential(x, node.GetFloat("alpha", (float)SeluAlpha)) * Scalars.Of(node.GetFloat("gamma", (float)SeluGamma)),
                "HardSigmoid" => (x * Scalars.Of(node.GetFloat("alpha", 0.2f))).Plus(Scalars.Of(node.GetFloat("beta", 0.5f))).clamp(Zero, One),
                "QuickGelu" => x * (x * Scalars.Of(node.GetFloat("alpha", 1.702f))).sigmoid(),
                "Swish" => x * (x * Scalars.Of(node.GetFloat("alpha", 1))).sigmoid(),
                "ThresholdedRelu" => x * x.gt(Scalars.Of(node.GetFloat("alpha", 1))),
                _ => node.GetText("approximate", "none") switch
                {
                    "none" => torch.nn.functional.gelu(x),
                    "tanh" => TanhGelu(x),
                    var other => throw call.Unsupported($"approximate = '{other}'"),
                },
            },
        ];
    }

    /// <summary>x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))) (Hendrycks and Gimpel 2016).</summary>
    public static torch.Tensor TanhGelu(torch.Tensor x) => torch.nn.functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh);

    private static torch.Tensor Exponential(torch.Tensor x, float alpha) =>
        x.clamp(min: Zero).Plus((x.clamp(max: Zero).exp() - One) * Scalars.Of(alpha));
}
