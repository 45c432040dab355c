namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>[..., M, K] times [..., K, N]; batch axes broadcast.</summary>
internal sealed class MatMul : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["MatMul"];

    public string? Infer(NodeScope scope)
    {
        var (a, b) = (scope.In(0), scope.In(1));
        if (a.Length < 2 || b.Length < 2)
            return $"{scope.Name} multiplies vectors";
        if (Broadcasting.Shape([a[..^2], b[..^2]]) is not { } batch)
            return $"the operands of {scope.Name} have shapes that contradict each other";
        scope.SetOut(0, [.. batch, a[^2], b[^1]]);
        return null;
    }

    public void Bind(NodeScope scope)
    {
        var (a, b, y) = (scope.Node.Input[0], scope.Node.Input[1], scope.Node.Output[0]);
        var (rankA, rankB, rank) = (scope.In(0).Length, scope.In(1).Length, scope.Out(0).Length);
        Broadcasting.Bind(scope, [0, 1], y, rank, except: 2);
        scope.Same(a, rankA - 2, y, rank - 2);
        scope.Same(b, rankB - 1, y, rank - 1);
        scope.Same(a, rankA - 1, b, rankB - 2);
        if (!scope.IsConstant(b))
        {
            scope.MeetsActivations();
            return;
        }
        scope.Produces(b, rankB - 1);
        scope.Consumes(b, rankB - 2);
    }
}
