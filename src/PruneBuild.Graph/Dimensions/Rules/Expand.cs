namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Axes of size 1 repeated; how often is a size like any other.</summary>
internal sealed class Expand : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Expand"];

    public bool MovesSizes => true;

    public string? Infer(NodeScope scope)
    {
        if (scope.Contents(1) is not { } wanted || Broadcasting.Shape([scope.In(0), wanted.Items]) is not { } shape)
            return $"the shape of {scope.Name} is computed";
        scope.SetOut(0, shape);
        return null;
    }

    public void Bind(NodeScope scope) => Broadcasting.Bind(scope, [0], scope.Node.Output[0], scope.Out(0).Length);

    public void Rewrite(EditScope edit)
    {
        var (input, output) = (edit.Node.Input[0], edit.Node.Output[0]);
        var (from, to, wanted) = (edit.Old(input), edit.Old(output), edit.Contents(1)!.Items);
        var lead = to.Length - wanted.Length;
        if (!Enumerable.Range(0, to.Length).Any(axis => axis >= lead && wanted[axis - lead] > 1 && edit.Size(output, axis) != wanted[axis - lead]))
            return;
        var shape = new long[to.Length];
        for (var axis = 0; axis < to.Length; axis++)
        {
            var own = axis - to.Length + from.Length;
            // Size 1 leaves the operand's size as it is.
            shape[axis] = !SizeTable.IsSymbol(to[axis]) ? edit.Size(output, axis) : 1;
            EditScope.Require(!SizeTable.IsSymbol(to[axis]) || (own >= 0 && from[own] == to[axis]), "it repeats an axis as often as is known only at run time");
        }
        edit.SetConstant(1, shape);
    }
}
