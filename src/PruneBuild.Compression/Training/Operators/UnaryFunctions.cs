using TorchSharp;

namespace PruneBuild.Compression.Training.Operators;

/// <summary>Elementwise functions of one input that have no attributes.</summary>
internal sealed class UnaryFunctions : ITorchOperator
{
    private static readonly Dictionary<string, Func<torch.Tensor, torch.Tensor>> Functions = new(StringComparer.Ordinal)
    {
        ["Abs"] = static x => x.abs(),
        ["Neg"] = static x => x.neg(),
        ["Exp"] = static x => x.exp(),
        ["Log"] = static x => x.log(),
        ["Sqrt"] = static x => x.sqrt(),
        ["Reciprocal"] = static x => x.reciprocal(),
        ["Floor"] = static x => x.floor(),
        ["Ceil"] = static x => x.ceil(),
        ["Round"] = static x => x.round(),
        ["Sign"] = static x => x.sign(),
        ["Sin"] = static x => x.sin(),
        ["Cos"] = static x => x.cos(),
        ["Erf"] = static x => x.erf(),
        ["Tanh"] = static x => x.tanh(),
        ["Sigmoid"] = static x => x.sigmoid(),
        ["Relu"] = static x => x.relu(),
        ["Softplus"] = static x => torch.nn.functional.softplus(x),
        ["Softsign"] = static x => x / x.abs().Plus(Scalars.Of(1)),
        ["HardSwish"] = static x => x * (x / Scalars.Of(6)).Plus(Scalars.Of(0.5)).clamp(Scalars.Of(0), Scalars.Of(1)),
        ["Mish"] = static x => x * torch.nn.functional.softplus(x).tanh(),
        ["FastGelu"] = static x => Activations.TanhGelu(x),
        ["Not"] = static x => x.logical_not(),
        ["IsNaN"] = static x => x.isnan(),
    };

    public IReadOnlyList<string> Types { get; } = [.. Functions.Keys];

    public IReadOnlyList<torch.Tensor> Run(OperatorCall call) => [Functions[call.Node.OpType](call[0])];
}
