namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>A distribution over an axis; without some elements it is another one, so the axis is frozen.</summary>
internal sealed class Softmax : IDimensionRule
{
    private const int FirstOpsetOverOneAxis = 13;

    public IReadOnlyList<string> Operators { get; } = ["Softmax", "LogSoftmax", "Hardmax"];

    public string? Infer(NodeScope scope)
    {
        scope.SetOut(0, scope.In(0));
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var rank = scope.In(0).Length;
        Broadcasting.Bind(scope, [0], scope.Node.Output[0], rank);
        var overOne = scope.Opset >= FirstOpsetOverOneAxis;
        var first = NodeScope.FromStart(scope.Node.GetInt("axis", overOne ? -1 : 1), rank);
        for (var axis = first; axis < (overOne ? first + 1 : rank); axis++)
            scope.Freeze(scope.Node.Input[0], axis, $"{scope.Name} is a distribution over it");
    }
}
