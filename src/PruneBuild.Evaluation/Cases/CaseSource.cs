namespace PruneBuild.Evaluation;

/// <summary>One entry of a harness's <c>cases</c>.</summary>
public abstract record CaseSource;

/// <summary>All cases of one slice in a tensor file and a file of labels, or of the numbers that a regression has to give.</summary>
/// <param name="Slice">Name of the slice.</param>
/// <param name="SliceAt">Where it is named.</param>
/// <param name="Tensors">Tensor file as written in the harness.</param>
/// <param name="TensorsPath">Its full path.</param>
/// <param name="TensorsAt">Where it is named.</param>
/// <param name="Labels">Label file as written in the harness.</param>
/// <param name="LabelsPath">Its full path.</param>
/// <param name="LabelsAt">Where it is named.</param>
public sealed record RawCases(
    string Slice,
    SourceLocation SliceAt,
    string Tensors,
    string TensorsPath,
    SourceLocation TensorsAt,
    string Labels,
    string LabelsPath,
    SourceLocation LabelsAt) : CaseSource;

/// <summary>Cases of any slice, one JSON object a line.</summary>
/// <param name="Name">The file as written in the harness.</param>
/// <param name="Path">Its full path.</param>
/// <param name="NamedAt">Where it is named.</param>
public sealed record JsonlCases(string Name, string Path, SourceLocation NamedAt) : CaseSource;

/// <summary>A file of token ids, all of one slice; every step of the window is a case.</summary>
/// <param name="Slice">Name of the slice.</param>
/// <param name="Tokens">The file as written in the harness.</param>
/// <param name="Path">Its full path.</param>
/// <param name="TokensAt">Where it is named.</param>
public sealed record TokenCases(string Slice, string Tokens, string Path, SourceLocation TokensAt) : CaseSource;
