namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>
/// ONNX Runtime's fused attention. Queries and the result are [..., groups, heads of a group, features], keys and values
/// [..., groups, features], the cache [batch, groups, tokens, features]: whole groups can go, features of a head cannot.
/// </summary>
internal sealed class GroupQueryAttention : IDimensionRule
{
    private const int Key = 1;
    private const int Value = 2;
    private const int PastKey = 3;
    private const int PastValue = 4;
    private const int FirstTable = 7;

    public string Domain => "com.microsoft";

    public IReadOnlyList<string> Operators { get; } = ["GroupQueryAttention"];

    public string? Infer(NodeScope scope)
    {
        if (!scope.HasInput(Key) || !scope.HasInput(Value) || !scope.HasInput(PastKey) || !scope.HasInput(PastValue))
            return $"{scope.Name} has queries, keys and values in one tensor, or no cache";
        var (query, key) = (scope.In(0), scope.In(Key));
        var (heads, groups) = Heads(scope.Node);
        if (query.Length != 3 || key.Length != 3 || SizeTable.IsSymbol(query[2]) || query[2] % heads != 0 || key[2] * heads != query[2] * groups)
            return $"the sizes of {scope.Name} do not fit its heads";
        scope.SetOut(0, query);
        long[] cache = [query[0], groups, scope.Sizes.Fresh(), query[2] / heads];
        scope.SetOut(1, cache);
        scope.SetOut(2, cache);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var node = scope.Node;
        var (heads, groups) = Heads(node);
        var features = scope.Virtual(scope.In(0)[2] / heads);
        var (group, headsOfGroup) = (scope.Virtual(groups), scope.Virtual(heads / groups));
        scope.Freeze(features, $"{scope.Name} turns and compares the features of a head");
        scope.Freeze(headsOfGroup, $"{scope.Name} gives every group equally many heads");
        foreach (var value in new[] { node.Input[0], node.Output[0] })
        {
            for (var axis = 0; axis < 2; axis++)
                scope.Same(node.Input[0], axis, value, axis);
            scope.Equal([scope.Axis(value, 2)!.Value], [group, headsOfGroup, features]);
        }
        foreach (var value in new[] { node.Input[Key], node.Input[Value] })
            scope.Equal([scope.Axis(value, 2)!.Value], [group, features]);
        foreach (var cache in node.Input.Skip(PastKey).Take(2).Concat(node.Output.Skip(1).Take(2)).Where(cache => cache.Length > 0))
            if (scope.Axis(cache, 1) is { } axis)
                scope.Equal([axis], [group]);
        for (var table = FirstTable; table < node.Input.Count; table++)
            if (scope.HasInput(table))
                for (var axis = 0; axis < scope.In(table).Length; axis++)
                    scope.Freeze(node.Input[table], axis, $"{scope.Name} reads it as a table");
        scope.MeetsActivations();
    }

    public void Rewrite(EditScope edit)
    {
        var (query, key) = (edit.Node.Input[0], edit.Node.Input[Key]);
        if (!edit.Changes(query, 2) && !edit.Changes(key, 2))
            return;
        var size = edit.Old(query)[2] / Heads(edit.Node).Heads;
        edit.Set("num_heads", edit.Size(query, 2) / size);
        edit.Set("kv_num_heads", edit.Size(key, 2) / size);
    }

    private static (long Heads, long Groups) Heads(Onnx.NodeProto node) => (node.GetInt("num_heads", 1), node.GetInt("kv_num_heads", 1));
}
