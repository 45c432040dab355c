namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>All axes before a place become one, all from there on another.</summary>
internal sealed class Flatten : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Flatten"];

    public string? Infer(NodeScope scope)
    {
        var x = scope.In(0);
        var axis = NodeScope.FromStart(scope.Node.GetInt("axis", 1), x.Length);
        scope.SetOut(0, scope.Sizes.Product(x[..axis]), scope.Sizes.Product(x[axis..]));
        return null;
    }

    public void Bind(NodeScope scope) =>
        IndexSpaces.Bind(scope, scope.Node.Input[0], scope.In(0), scope.Node.Output[0], scope.Out(0));
}
