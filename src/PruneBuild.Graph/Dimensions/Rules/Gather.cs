namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Entries of one axis: rows of an embedding, or constant positions.</summary>
internal sealed class Gather : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Gather"];

    public bool MovesSizes => true;

    public string? Infer(NodeScope scope)
    {
        var (data, indices) = (scope.In(0), scope.In(1));
        var axis = Along(scope.Node, data.Length);
        scope.SetOut(0, [.. data[..axis], .. indices, .. data[(axis + 1)..]]);
        if (scope.Contents(0) is { } contents && scope.Contents(1) is { } wanted && !wanted.Items.Any(SizeTable.IsSymbol))
            scope.SetContents(contents.Pick(wanted.Items.Select(index => NodeScope.FromStart(index, contents.Items.Length))));
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var (data, indices, y) = (scope.Node.Input[0], scope.Node.Input[1], scope.Node.Output[0]);
        var (rank, rows) = (scope.In(0).Length, scope.In(1).Length);
        var along = Along(scope.Node, rank);
        for (var axis = 0; axis < rank; axis++)
            if (axis != along)
                scope.Same(data, axis, y, axis < along ? axis : axis + rows - 1);
        // Of a list of sizes nothing but its entries is meant.
        if (scope.Contents(0) is not null)
            return;
        if (rows == 1 && scope.IsConstant(indices) && scope.Contents(1) is { } wanted && !SizeTable.IsSymbol(scope.In(0)[along])
            && wanted.Items.Distinct().Count() == wanted.Items.Length)
        {
            scope.Select(data, along, y, along, [.. wanted.Items.Select(index => NodeScope.FromStart(index, (int)scope.In(0)[along]))]);
        }
        else
        {
            scope.Freeze(data, along, $"{scope.Name} looks entries up in it");
            for (var axis = 0; axis < rows; axis++)
                scope.Same(indices, axis, y, along + axis);
        }
        if (!scope.IsConstant(data))
            return;
        for (var axis = 0; axis < rank; axis++)
            if (axis != along)
                scope.Produces(data, axis);
    }

    public void Rewrite(EditScope edit)
    {
        var (data, y) = (edit.Node.Input[0], edit.Node.Output[0]);
        var along = Along(edit.Node, edit.Old(data).Length);
        if (edit.Contents(0) is not null || !edit.Changes(data, along))
            return;
        var size = (int)edit.Old(data)[along];
        var index = edit.Contents(1)!.Items.Select(entry => NodeScope.FromStart(entry, size)).ToArray();
        var places = edit.Kept(data, along);
        var moved = edit.Kept(y, along).Select(position => (long)Array.IndexOf(places, index[position])).ToArray();
        EditScope.Require(moved.All(place => place >= 0), "an entry it takes would be gone");
        edit.SetConstant(1, moved);
    }

    private static int Along(Onnx.NodeProto node, int rank) => NodeScope.FromStart(node.GetInt("axis", 0), rank);
}
