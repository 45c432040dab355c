namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>A tensor of one number; its static axes are frozen, since nothing else says how large they are.</summary>
internal sealed class ConstantOfShape : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["ConstantOfShape"];

    public string? Infer(NodeScope scope)
    {
        if (scope.Contents(0) is not { } shape)
            return $"the shape of {scope.Name} is computed";
        scope.SetOut(0, shape.Items);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        for (var axis = 0; axis < scope.Out(0).Length; axis++)
            scope.Freeze(scope.Node.Output[0], axis, $"{scope.Name} fixes its size");
    }
}
