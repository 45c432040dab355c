namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>A' B' + C, matrices, with optional transposition.</summary>
internal sealed class Gemm : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Gemm"];

    public string? Infer(NodeScope scope)
    {
        var (rowA, _, _, columnB) = Axes(scope);
        if (scope.In(0).Length != 2 || scope.In(1).Length != 2)
            return $"the operands of {scope.Name} are no matrices";
        scope.SetOut(0, scope.In(0)[rowA], scope.In(1)[columnB]);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var (a, b, y) = (scope.Node.Input[0], scope.Node.Input[1], scope.Node.Output[0]);
        var (rowA, columnA, rowB, columnB) = Axes(scope);
        scope.Same(a, rowA, y, 0);
        scope.Same(b, columnB, y, 1);
        scope.Same(a, columnA, b, rowB);
        if (scope.HasInput(2))
            Broadcasting.Bind(scope, [2], y, 2);
        if (!scope.IsConstant(b))
            return;
        scope.Produces(b, columnB);
        scope.Consumes(b, rowB);
    }

    private static (int RowA, int ColumnA, int RowB, int ColumnB) Axes(NodeScope scope)
    {
        var (a, b) = (scope.Node.GetInt("transA", 0) != 0 ? 1 : 0, scope.Node.GetInt("transB", 0) != 0 ? 1 : 0);
        return (a, 1 - a, b, 1 - b);
    }
}
