using PruneBuild.Diagnostics;

namespace PruneBuild.Graph.Tests;

/// <summary>Asserts that a model file is refused with a code, at the file itself.</summary>
internal static class Rejected
{
    public static PruneBuildException With(string code, string path)
    {
        var exception = Assert.Throws<PruneBuildException>(() => OnnxModel.Load(path).Dispose());
        Assert.Equal((code, path), (exception.Code, exception.Diagnostic.File));
        return exception;
    }
}
