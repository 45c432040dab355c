namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>
/// Conv: W is [outputs, inputs of a group, kernel...]. The channels of X are [group, inputs of a group], those of Y
/// [group, outputs of a group], so a grouped convolution loses whole groups or the same channels in each; in a depthwise one the
/// groups are the channels.
/// </summary>
internal sealed class Convolution : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Conv"];

    public string? Infer(NodeScope scope)
    {
        var (x, w) = (scope.In(0), scope.In(1));
        if (w.Length != x.Length || x.Length < 3 || w.Any(SizeTable.IsSymbol))
            return $"the weight of {scope.Name} has no static shape";
        var group = scope.Node.GetInt("group", 1);
        if (group < 1 || x[1] != w[1] * group || w[0] % group != 0)
            return $"the channels of {scope.Name} are not a multiple of its groups";
        scope.SetOut(0, [x[0], w[0], .. SpatialAxes.After(scope, x, w[2..])]);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var (x, w, y) = (scope.Node.Input[0], scope.Node.Input[1], scope.Node.Output[0]);
        scope.Same(x, 0, y, 0);
        scope.Same(w, 0, y, 1);
        if (scope.HasInput(2))
            scope.Same(scope.Node.Input[2], 0, y, 1);
        SpatialAxes.Freeze(scope);
        var group = scope.Node.GetInt("group", 1);
        if (group == 1)
            scope.Same(x, 1, w, 1);
        else
            BindGroups(scope, group);
        scope.Produces(w, 0);
        // The input channels of a depthwise convolution are no axis of its weight.
        scope.Consumes(w, 1);
    }

    private static void BindGroups(NodeScope scope, long group)
    {
        var (x, w) = (scope.Node.Input[0], scope.Node.Input[1]);
        var outputs = scope.In(1)[0] / group;
        var groups = scope.Virtual(group);
        scope.Equal(scope.Axis(w, 1) is { } inputs ? [groups, inputs] : [groups], [scope.Axis(x, 1)!.Value]);
        scope.Equal(outputs > 1 ? [groups, scope.Virtual(outputs)] : [groups], [scope.Axis(w, 0)!.Value]);
    }

    public void Rewrite(EditScope edit)
    {
        var (x, w) = (edit.Node.Input[0], edit.Node.Input[1]);
        var group = edit.Size(x, 1) / edit.Size(w, 1);
        if (group != edit.Node.GetInt("group", 1))
            edit.Set("group", group);
    }
}
