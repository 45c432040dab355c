namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Operands one after the other along an axis.</summary>
internal sealed class Concat : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Concat"];

    public bool MovesSizes => true;

    public string? Infer(NodeScope scope)
    {
        var count = scope.Node.Input.Count;
        var shape = scope.In(0).ToArray();
        var axis = NodeScope.FromStart(scope.Node.GetInt("axis", 0), shape.Length);
        var sizes = Enumerable.Range(0, count).Select(input => scope.In(input)[axis]).ToList();
        shape[axis] = sizes.Any(SizeTable.IsSymbol) ? scope.Sizes.Fresh() : sizes.Sum();
        for (var other = 0; other < shape.Length; other++)
            if (other != axis)
                shape[other] = Enumerable.Range(0, count).Select(input => scope.In(input)[other]).OrderBy(SizeTable.IsSymbol).First();
        scope.SetOut(0, shape);
        var parts = Enumerable.Range(0, count).Select(scope.Contents).ToList();
        if (shape.Length == 1 && parts.TrueForAll(part => part is not null))
            scope.SetContents(new IntegerContents([.. parts.SelectMany(part => part!.Items)], [.. parts.SelectMany(part => part!.Sources)]));
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var (output, rank) = (scope.Node.Output[0], scope.Out(0).Length);
        var along = NodeScope.FromStart(scope.Node.GetInt("axis", 0), rank);
        var offset = 0;
        foreach (var input in Enumerable.Range(0, scope.Node.Input.Count))
        {
            var value = scope.Node.Input[input];
            for (var axis = 0; axis < rank; axis++)
                if (axis != along)
                    scope.Same(value, axis, output, axis);
            if (SizeTable.IsSymbol(scope.Out(0)[along]))
            {
                scope.Freeze(value, along, $"{scope.Name} joins it with an axis of unknown size");
                continue;
            }
            var size = (int)scope.In(input)[along];
            if (size > 0)
                scope.Select(output, along, value, along, [.. Enumerable.Range(offset, size)]);
            offset += size;
        }
    }

    public void Rewrite(EditScope edit)
    {
        var output = edit.Node.Output[0];
        var along = NodeScope.FromStart(edit.Node.GetInt("axis", 0), edit.Old(output).Length);
        if (!edit.Changes(output, along))
            return;
        var expected = new List<int>();
        var offset = 0;
        foreach (var value in edit.Node.Input)
        {
            expected.AddRange(edit.Kept(value, along).Select(position => position + offset));
            offset += (int)edit.Old(value)[along];
        }
        EditScope.Require(edit.Kept(output, along).SequenceEqual(expected), "its operands would have to be mixed");
    }
}
