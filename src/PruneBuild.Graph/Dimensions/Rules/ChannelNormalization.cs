namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Normalizations whose every parameter has one number a channel; channels do not see each other.</summary>
internal sealed class ChannelNormalization : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["BatchNormalization", "InstanceNormalization"];

    public string? Infer(NodeScope scope)
    {
        // Further outputs are training statistics.
        if (scope.In(0).Length < 2 || scope.HasOutput(1))
            return $"{scope.Name} is not in its inference form";
        scope.SetOut(0, scope.In(0));
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var (x, y) = (scope.Node.Input[0], scope.Node.Output[0]);
        Broadcasting.Bind(scope, [0], y, scope.In(0).Length);
        foreach (var parameter in scope.Node.Input.Skip(1))
            scope.Same(parameter, 0, x, 1);
        if (scope.Node.OpType != "InstanceNormalization")
            return;
        for (var axis = 2; axis < scope.In(0).Length; axis++)
            scope.Freeze(x, axis, $"a spatial axis of {scope.Name}");
    }
}
