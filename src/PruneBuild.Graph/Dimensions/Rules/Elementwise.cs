namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Operators that compute each element from the elements at the same place, with broadcasting.</summary>
internal sealed class Elementwise : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } =
    [
        "Abs", "Acos", "Add", "And", "Asin", "Atan", "Ceil", "Celu", "Clip", "Cos", "Cosh", "Div", "Elu", "Equal", "Erf", "Exp", "Floor",
        "Gelu", "Greater", "GreaterOrEqual", "HardSigmoid", "HardSwish", "IsInf", "IsNaN", "LeakyRelu", "Less", "LessOrEqual", "Log",
        "Max", "Mean", "Min", "Mish", "Mod", "Mul", "Neg", "Not", "Or", "PRelu", "Pow", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid",
        "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Sub", "Sum", "Tan", "Tanh", "ThresholdedRelu", "Where", "Xor",
    ];

    public string? Infer(NodeScope scope)
    {
        if (Broadcasting.Shape(Inputs(scope).Select(scope.In)) is not { } shape)
            return $"the operands of {scope.Name} have shapes that contradict each other";
        scope.SetOut(0, shape);
        return null;
    }

    public void Bind(NodeScope scope) => Broadcasting.Bind(scope, Inputs(scope), scope.Node.Output[0], scope.Out(0).Length);

    private static IEnumerable<int> Inputs(NodeScope scope) => Enumerable.Range(0, scope.Node.Input.Count).Where(scope.HasInput);
}
