namespace PruneBuild.Graph.Dimensions.Rules;

/// <summary>Numbers from a start to a limit.</summary>
internal sealed class RangeOf : IDimensionRule
{
    public IReadOnlyList<string> Operators { get; } = ["Range"];

    public string? Infer(NodeScope scope)
    {
        var counts = scope.Contents(0)?.Items is [0] && scope.Contents(2)?.Items is [1];
        scope.SetOut(0, counts && scope.Contents(1)?.Items is [var limit] && (limit > 0 || SizeTable.IsSymbol(limit)) ? limit : scope.Sizes.Fresh());
        return null;
    }

    public void Bind(NodeScope scope) => scope.Freeze(scope.Node.Output[0], 0, $"{scope.Name} fixes its size");
}
