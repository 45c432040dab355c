namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>The sizes of a value.</summary>
internal sealed class ShapeOf : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Shape"];

    public bool MovesSizes => true;

    public string? Infer(NodeScope scope)
    {
        var shape = scope.In(0);
        var (start, end) = (Place(scope.Node.GetInt("start", 0), shape.Length), Place(scope.Node.GetInt("end", shape.Length), shape.Length));
        var axes = Enumerable.Range(start, Math.Max(0, end - start)).ToArray();
        scope.SetOut(0, axes.Length);
        scope.SetContents(new IntegerContents(
            [.. axes.Select(axis => shape[axis])],
            [.. axes.Select(axis => SizeTable.IsSymbol(shape[axis]) ? (ValueAxis?)null : new ValueAxis(scope.Node.Input[0], axis))]));
        return null;
    }

    public void Bind(NodeScope scope)
    {
    }

    private static int Place(long place, int rank) => Math.Clamp(NodeScope.FromStart(place, rank), 0, rank);
}
