namespace PruneBuild.Evaluation.Datasets;

/// <summary>Which numbers of equally long inputs never differ. Holds one input, whatever the number of cases.</summary>
internal sealed class FeatureRange
{
    private float[]? _first;
    private bool[]? _varies;
    private bool _isComparable = true;

    /// <summary>Inputs seen.</summary>
    public int Cases { get; private set; }

    /// <summary>Numbers of one input; 0 when inputs differ in length.</summary>
    public int Features => _isComparable ? _first?.Length ?? 0 : 0;

    /// <summary>Indices of the numbers that are the same in all inputs; none below two inputs.</summary>
    public IReadOnlyList<int> Constant =>
        Cases < 2 || !_isComparable ? [] : [.. Enumerable.Range(0, _first!.Length).Where(index => !_varies![index])];

    public void Add(ReadOnlySpan<float> input)
    {
        Cases++;
        _first ??= input.ToArray();
        _varies ??= new bool[_first.Length];
        _isComparable &= input.Length == _first.Length;
        if (!_isComparable) return;
        for (var i = 0; i < input.Length; i++) _varies[i] |= input[i] != _first[i];
    }
}
