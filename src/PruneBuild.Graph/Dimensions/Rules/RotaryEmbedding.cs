namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>ONNX Runtime's rotation of queries or keys, [batch, tokens, heads × features]: whole heads can go, features of a head cannot.</summary>
internal sealed class RotaryEmbedding : IDimensionRule
{
    public string Domain => "com.microsoft";

    public IReadOnlyList<string> Operators { get; } = ["RotaryEmbedding"];

    public string? Infer(NodeScope scope)
    {
        var x = scope.In(0);
        if (x.Length != 3 || SizeTable.IsSymbol(x[2]) || scope.Node.GetInt("num_heads", 0) is var heads && (heads == 0 || x[2] % heads != 0))
            return $"the sizes of {scope.Name} do not tell its heads";
        scope.SetOut(0, x);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var node = scope.Node;
        var heads = node.GetInt("num_heads", 0);
        var (head, features) = (scope.Virtual(heads), scope.Virtual(scope.In(0)[2] / heads));
        scope.Freeze(features, $"{scope.Name} turns the features of a head");
        foreach (var value in new[] { node.Input[0], node.Output[0] })
        {
            for (var axis = 0; axis < 2; axis++)
                scope.Same(node.Input[0], axis, value, axis);
            scope.Equal([scope.Axis(value, 2)!.Value], [head, features]);
        }
        for (var table = 2; table < node.Input.Count; table++)
            for (var axis = 0; axis < scope.In(table).Length; axis++)
                scope.Freeze(node.Input[table], axis, $"{scope.Name} reads it as a table");
    }

    public void Rewrite(EditScope edit)
    {
        var x = edit.Node.Input[0];
        if (edit.Changes(x, 2))
            edit.Set("num_heads", edit.Size(x, 2) * edit.Node.GetInt("num_heads", 0) / edit.Old(x)[2]);
    }
}
