namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Runs of an axis become outputs.</summary>
internal sealed class Split : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Split"];

    public string? Infer(NodeScope scope)
    {
        var x = scope.In(0);
        var axis = Along(scope.Node, x.Length);
        if (SizeTable.IsSymbol(x[axis]) || scope.Integers("split", 1) is not { } sizes)
            return $"the sizes of {scope.Name} are known only at run time";
        var count = scope.Node.Output.Count;
        var each = (x[axis] + count - 1) / count;
        for (var output = 0; output < count; output++)
        {
            var shape = x.ToArray();
            shape[axis] = sizes.Count > 0 ? sizes[output] : Math.Min(each, x[axis] - (output * each));
            scope.SetOut(output, shape);
        }
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var (input, rank) = (scope.Node.Input[0], scope.In(0).Length);
        var along = Along(scope.Node, rank);
        var offset = 0;
        for (var output = 0; output < scope.Node.Output.Count; output++)
        {
            if (!scope.HasOutput(output))
            {
                scope.Freeze(input, along, $"{scope.Name} drops a part of it");
                return;
            }
            for (var axis = 0; axis < rank; axis++)
                if (axis != along)
                    scope.Same(input, axis, scope.Node.Output[output], axis);
            var size = (int)scope.Out(output)[along];
            scope.Select(input, along, scope.Node.Output[output], along, [.. Enumerable.Range(offset, size)]);
            offset += size;
        }
    }

    public void Rewrite(EditScope edit)
    {
        var input = edit.Node.Input[0];
        var along = Along(edit.Node, edit.Old(input).Length);
        if (!edit.Changes(input, along))
            return;
        var expected = new List<int>();
        var offset = 0;
        foreach (var value in edit.Node.Output)
        {
            expected.AddRange(edit.Kept(value, along).Select(position => position + offset));
            offset += (int)edit.Old(value)[along];
        }
        EditScope.Require(edit.Kept(input, along).SequenceEqual(expected), "its parts would have to be mixed");
        long[] sizes = [.. edit.Node.Output.Select(value => edit.Size(value, along))];
        var explicitly = edit.Contents(1) is not null || edit.Node.Attribute.Any(attribute => attribute.Name == "split");
        if (!explicitly && sizes.Distinct().Count() == 1)
            return;
        const int firstOpsetWithInput = 13;
        if (edit.Opset < firstOpsetWithInput)
            edit.SetIntegers("split", 1, sizes);
        else
            edit.SetConstant(1, sizes);
        // num_outputs and sizes exclude each other.
        edit.RemoveAttribute("num_outputs");
    }

    private static int Along(Onnx.NodeProto node, int rank) => NodeScope.FromStart(node.GetInt("axis", 0), rank);
}
